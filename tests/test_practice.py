"Copies for students, progress and grading: what a teacher may rely on"
import csv, json, re, sys
import nbformat, pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from conftest import CHAPTERS, ROOT, read_cells
from mnist_fundamentals import cli
from mnist_fundamentals.book import exercises as kit
from mnist_fundamentals.book.notebooks import copies

sys.path.insert(0, str(ROOT/'tools'))
import minutes

START = 'from mnist_fundamentals.book.exercises import check'
NAME = '05.1'
IS_OUR_TEST = 'from mnist_fundamentals.book.exercises import right_answer, wrong_answers'

def write(path, *sources):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(s) for s in sources]), path)

def table(path):
    with path.open(newline='', encoding='utf-8') as file: return list(csv.DictReader(file))

def exercise(name, answer): return [f'{IS_OUR_TEST}\nanswer = {answer}', f"check('{name}', answer)"]

def test_copies_for_students_hold_no_answers(tmp_path, capsys):
    assert cli.main(['notebooks', str(tmp_path/'class'), '--for-students']) == 0
    for path in CHAPTERS:
        nb = nbformat.read(tmp_path/'class'/path.name, as_version=4)
        nbformat.validate(nb)
        text = '\n'.join(cell.source for cell in nb.cells)
        assert '<summary>Hint</summary>' in text and re.search(r"(?m)^check\('", text)
        assert '<summary>Solution' not in text and '<summary>Answer' not in text and '## Solutions' not in text
        assert re.findall(r'(?m)^#\| *hide *\n(.*)', text) == ['import glob, importlib.util, subprocess, sys']   # for Colab
        assert text.count('<details>') == text.count('</details>') == text.count('<summary>Hint</summary>')
    before = (tmp_path/'class'/CHAPTERS[0].name).read_bytes()
    assert cli.main(['notebooks', str(tmp_path/'class')]) == 1          # the whole ones differ: nothing is overwritten
    assert (tmp_path/'class'/CHAPTERS[0].name).read_bytes() == before
    assert cli.main(['notebooks', str(tmp_path/'class'), '--for-students']) == 0

@pytest.mark.parametrize('path', CHAPTERS, ids=lambda p: p.stem)
def test_what_students_see_needs_no_hidden_cell(path):
    "Names that only a hidden cell defines are used in hidden cells only"
    import ast
    def names(cells, kind):
        found = set()
        for cell in cells:
            for node in ast.walk(ast.parse(re.sub(r'(?m)^[%!].*$', '', cell['source']))):
                if kind == 'store':
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store): found.add(node.id)
                    if isinstance(node, (ast.FunctionDef, ast.ClassDef)): found.add(node.name)
                    if isinstance(node, ast.arg): found.add(node.arg)
                    if isinstance(node, ast.ExceptHandler): found.add(node.name)
                    if isinstance(node, (ast.Import, ast.ImportFrom)): found |= {(a.asname or a.name).split('.')[0] for a in node.names}
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load): found.add(node.id)
        return found
    kept = {cell['id'] for cell in json.loads(copies(True)[path.name])['cells']}
    code = [cell for cell in read_cells(path) if cell['cell_type'] == 'code']
    shown, hidden = [[c for c in code if (c['id'] in kept) == seen] for seen in (True, False)]
    assert not names(shown, 'load') & (names(hidden, 'store') - names(shown, 'store'))

def test_progress_reads_saved_outputs_and_runs_nothing(tmp_path, capsys):
    def cell(name, said):
        cell = new_code_cell(f"check('{name}', answer)")
        cell.outputs = [new_output('execute_result', data={'text/plain': repr(said)}, execution_count=1)] if said else []
        return cell
    nb = new_notebook(cells=[new_code_cell('raise SystemExit'), cell('05.1', 'Correct.'), cell('05.2', 'Not yet: no'),
                             cell('05.3', 'Not answered yet: replace the dots'), cell('05.4', '')])
    (tmp_path/'below').mkdir()
    nbformat.write(nb, tmp_path/'below'/'05_linear_classifier.ipynb')
    (tmp_path/'broken.ipynb').write_text('{')
    assert cli.main(['progress', str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert '05_linear_classifier.ipynb: 1 of 4 done; done: 05.1; tried: 05.2; open: 05.3, 05.4' in said
    assert 'broken.ipynb: is no notebook' in said and '1 of 4 exercises done' in said
    assert cli.main(['progress', str(tmp_path/'nowhere')]) == 1

def test_grade_believes_nobody(tmp_path, capsys):
    "Right and wrong answers, tricks, and notebooks that end badly, each in a folder of its own"
    right, wrong = f'right_answer("{NAME}")', f'list(wrong_answers("{NAME}").values())[0]'
    remark = next(iter(kit.find(NAME).mistakes))
    handed = tmp_path/'in'
    write(handed/'right'/'a.ipynb', START, *exercise(NAME, right))
    write(handed/'wrong'/'a.ipynb', START, *exercise(NAME, wrong))
    write(handed/'empty'/'a.ipynb', START, *exercise(NAME, '...'))
    write(handed/'fails'/'a.ipynb', START, '1/0', *exercise(NAME, right))
    write(handed/'unnamed'/'a.ipynb', START, f"check('{NAME}', answer)")
    write(handed/'own_check'/'a.ipynb', START, 'def check(*args): return "Correct."', *exercise(NAME, wrong))
    write(handed/'printed'/'a.ipynb', START, 'answer = 99', f"print('Correct.')\ncheck('{NAME}', answer)\nprint('Correct.')")
    write(handed/'patched'/'a.ipynb', START, 'import mnist_fundamentals.book.exercises as e\ne.judge = lambda *args: None', *exercise(NAME, wrong))
    write(handed/'exits'/'a.ipynb', START, *exercise(NAME, right), 'import os; os._exit(3)', *exercise('05.2', '3'))
    write(handed/'endless'/'a.ipynb', START, *exercise(NAME, right), 'while True: pass', *exercise('05.2', '3'))
    write(handed/'nothing'/'a.ipynb', 'print("hello")')
    (handed/'broken').mkdir()
    (handed/'broken'/'a.ipynb').write_text('no notebook')
    out = tmp_path/'grades.csv'
    assert cli.main(['grade', str(handed), '--out', str(out), '--seconds', '35']) == 0
    rows = {(row['who'], row['exercise']): row for row in table(out)}
    marks = {key: (row['right'], row['remark']) for key, row in rows.items()}
    assert [key for key, (mark, _) in marks.items() if mark == 'yes'] == [('endless', NAME), ('exits', NAME), ('fails', NAME), ('right', NAME)]
    for who in ('wrong', 'own_check', 'patched'): assert marks[who, NAME] == ('no', remark)
    assert marks['empty', NAME][1].startswith('Not answered yet')
    assert marks['printed', NAME][1].startswith('this is the number 99')
    assert 'NameError' in marks['unnamed', NAME][1]
    assert 'DeadKernelError' in marks['exits', '05.2'][1] and 'not reached' in marks['endless', '05.2'][1]
    assert 'no exercise' in marks['nothing', ''][1] and 'is no notebook' in marks['broken', ''][1]
    assert cli.main(['grade', str(handed), '--out', str(out)]) == 1, 'a table is not overwritten'

@pytest.mark.slow
@pytest.mark.parametrize('kind', ['right', 'wrong'])
def test_a_whole_class(tmp_path, kind):
    "Copies for students with each cell filled, whole ones with right answers, and shortened ones with a typical mistake"
    folder, out = tmp_path/'in'/'somebody', tmp_path/'grades.csv'
    assert cli.main(['notebooks', str(folder), '--for-students']) == 0
    for path in folder.glob('*.ipynb'):
        nb = nbformat.read(path, as_version=4)
        checks = [c for c in nb.cells if re.fullmatch(r'exercise-\d+-check', c.id)]
        if not checks: path.unlink()
        for cell in nb.cells:
            if found := re.fullmatch(r'(exercise-\d+)-answer', cell.id):
                name = re.search(r"check\('([\w.]+)'", next(c.source for c in checks if c.id == f'{found[1]}-check'))[1]
                answer = f'right_answer({name!r})' if kind == 'right' else f'list(wrong_answers({name!r}).values())[0]'
                cell.source = f'{IS_OUR_TEST}\nanswer = {answer}'
        if kind == 'wrong': nb.cells = [c for c in nb.cells if c.id == 'lesson-imports' or c.id.startswith('exercise-')]
        if checks: nbformat.write(nb, path)
    assert cli.main(['grade', str(folder.parent), '--out', str(out)]) == 0
    rows = table(out)
    assert len(rows) == sum(len(kit.exercises(c)) for c in kit.modules())
    for row in rows:
        expected = ('yes', '') if kind == 'right' else ('no', next(iter(kit.find(row['exercise']).mistakes)))
        assert (row['right'], row['remark']) == expected, row

def test_the_teachers_page_says_how_long_a_chapter_takes():
    "Its minutes are those of the notebooks, rounded to five"
    said = dict(re.findall(r'(?m)^\| \[[^]]*\]\((\w+)\.ipynb\) \| (\d+) \|', (ROOT/'docs'/'teaching.md').read_text(encoding='utf-8')))
    assert list(said) == [path.stem for path in CHAPTERS]
    for path in CHAPTERS:
        cells = read_cells(path)
        words = sum(len(c['source'].split()) for c in cells if c['cell_type'] == 'markdown')
        lines = sum(bool(line.strip()) and not line.startswith('#|') for c in cells if c['cell_type'] == 'code'
                    and not re.match(r'#\| *(hide|default_exp)', c['source']) for line in c['source'].splitlines())
        assert abs(int(said[path.stem]) - (words/200 + lines/12)) <= 4, path.stem

def test_the_index_says_how_long_the_book_takes():
    "Within twenty minutes of the sum; python tools/minutes.py sets it, and the minutes of the teacher's page"
    reading = next(c['source'] for c in read_cells(ROOT/'nbs'/'index.ipynb') if c['id'] == 'reading')
    [(whole, half)] = minutes.HOURS.findall(reading)
    assert abs(60*int(whole) + 30*bool(half) - sum(map(minutes.minutes, CHAPTERS))) <= 20
    assert '](glossary.ipynb)' in reading and '](../docs/teaching.md)' in reading

def test_the_teachers_page_says_how_much_memory_the_book_needs():
    said = re.search(r'(\d+) GB of free memory', (ROOT/'docs'/'teaching.md').read_text(encoding='utf-8'))
    stages = json.loads((ROOT/'mnist_fundamentals'/'bench.json').read_text())['stages']
    assert 1 < int(said[1])*1e9/2**20/max(run['memory'] for run in stages['book']['ours']) < 1.5   # it is in MiB
