"Running notebooks that were handed in, and judging their exercises by checks of our own"
# What a notebook prints is not believed: after each of its checks a cell of ours judges the answer anew.
# It runs the code of others, with the rights of whoever calls it.
import ast, asyncio, csv, secrets
from pathlib import Path
from nbformat.v4 import new_code_cell
from .console import Problem, one_line
from .execute import execute, kernel_env
from .notebooks import chapters
from .progress import CHECK, find_notebooks, read_notebook

MIME = 'application/vnd.mnist-fundamentals.grade+json'
FIELDS = ['who', 'notebook', 'exercise', 'right', 'remark']
JUDGE = '''import sys as _sys
for _name in [m for m in _sys.modules if m.startswith('mnist_fundamentals.book')]: del _sys.modules[_name]
from mnist_fundamentals.book.grade import report as _report
_report({secret!r}, {name!r}, lambda: ({answer}))'''

def report(secret, name, answer):
    "In the kernel: judge an answer, and hand the judgement over"
    from IPython.display import display
    from .exercises import judge
    try: off = judge(name, answer())
    except (Exception, SystemExit) as error: off = f'{type(error).__name__}: {one_line(error)}'
    display({MIME: dict(secret=secret, name=name, remark=off or '')}, raw=True)

def checks_in(source):
    "The (name, code of the answer) of each call of `check` in a cell"
    try: tree = ast.parse(source)
    except SyntaxError: return [(name, 'answer') for name in CHECK.findall(source)]
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, 'id', '') == 'check' and n.args]
    return [(c.args[0].value, ast.unparse(c.args[1]) if len(c.args) > 1 else 'answer')
            for c in calls if isinstance(c.args[0], ast.Constant) and isinstance(c.args[0].value, str)]

def expected_exercises(path, found):
    "The exercises that a notebook of this name should have, and those that it has"
    from .exercises import exercises, modules
    known = {p.name: p.stem[:2] if p.stem[:2].isdigit() else p.stem.removeprefix('appendix_') for p in chapters()}
    chapter = known.get(path.name)
    return list(dict.fromkeys([*(exercises(chapter) if chapter in modules() else []), *found]))

async def grade_notebook(path, seconds):
    "Name of each exercise to (is it right, remark)"
    nb, secret, found = read_notebook(path), secrets.token_hex(8), []
    cells = []
    for cell in nb.cells:
        cells.append(cell)
        for name, answer in checks_in(cell.source) if cell.cell_type == 'code' else []:
            found.append(name)
            cells.append(new_code_cell(JUDGE.format(secret=secret, name=name, answer=answer)))
    names = expected_exercises(path, found)
    if not names: raise Problem('holds no exercise')
    nb.cells, why = cells, ''
    try: await asyncio.wait_for(execute(nb, env=kernel_env(), timeout=seconds, allow_errors=True), seconds)
    except TimeoutError: why = f'not reached: the notebook took longer than {seconds} s'
    except Problem as error: why = f'not reached: {error}'
    grades = {name: (False, why or 'its check was not reached') if name in found else (False, 'the notebook has no check of it') for name in names}
    for cell in nb.cells:
        for output in cell.get('outputs', []):
            said = output.get('data', {}).get(MIME)
            if isinstance(said, dict) and said.get('secret') == secret: grades[said['name']] = (not said['remark'], said['remark'])
    return grades

async def grade_all(paths, folder, seconds, jobs, write):
    "Grade notebooks, `jobs` at a time; `write(rows)` for each as it ends"
    places = asyncio.Semaphore(jobs)
    async def one(path):
        shown = path.relative_to(folder)
        who = shown.parts[0] if len(shown.parts) > 1 else shown.stem
        async with places:
            try: grades = await grade_notebook(path, seconds)
            except Problem as error: grades = {'': (False, str(error))}
            except Exception as error: grades = {'': (False, f'could not be graded: {type(error).__name__}: {one_line(error)}')}
        write([dict(who=who, notebook=str(shown), exercise=name, right='yes' if right else 'no', remark=remark)
               for name, (right, remark) in grades.items()])
    await asyncio.gather(*map(one, paths))

def grade(args):
    "The command: grade every notebook in a folder and below; write a table"
    folder, out, rows = Path(args.folder), Path(args.out), []
    paths = find_notebooks(folder)
    def write(new):
        rows.extend(new)
        right = sum(row['right'] == 'yes' for row in new)
        print(f'{new[0]["notebook"]}: {right} of {len(new)} right' if new[0]['exercise'] else f'{new[0]["notebook"]}: {new[0]["remark"]}', flush=True)
    if out.exists() and not args.force: raise Problem(f'{out} exists: name another file with --out, or overwrite it with --force')
    asyncio.run(grade_all(paths, folder, args.seconds, args.jobs, write))
    with out.open('w', newline='', encoding='utf-8') as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator='\n')
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: row['notebook']))
    print(f'{len(paths)} notebooks; the table is {out}')
    return 0
