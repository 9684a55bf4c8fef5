"What every chapter is built like, as far as a program can see it without running a cell"
import ast, importlib.util, inspect, re, subprocess, sys, pytest
from conftest import CHAPTERS, ROOT, read_cells, settings
from IPython.core.inputtransformer2 import TransformerManager
from mnist_fundamentals.book.execute import CONTROLS
from mnist_fundamentals.book.results import MIME, MODELS, TEN_MODELS
from mnist_fundamentals.book.studies import seed_study
from mnist_fundamentals.linear_classifier import digit_dls
from mnist_fundamentals.resnet import resnet18_learner

sys.path.insert(0, str(ROOT/'tools'))
import badges, readme

INDEX, GLOSSARY = ROOT/'nbs'/'index.ipynb', ROOT/'nbs'/'glossary.ipynb'
NOTEBOOKS = sorted((ROOT/'nbs').glob('*.ipynb'))
chapters = pytest.mark.parametrize('path', CHAPTERS, ids=lambda p: p.stem)
notebooks = pytest.mark.parametrize('path', NOTEBOOKS, ids=lambda p: p.stem)

def markdown(path): return [c['source'] for c in read_cells(path) if c['cell_type'] == 'markdown']

def code(path): return [c for c in read_cells(path) if c['cell_type'] == 'code']

def hidden(cell): return re.search(r'(?m)^#\| *hide *$', cell['source']) is not None

def python(cell): return TransformerManager().transform_cell(cell['source'])

def outputs(cell):
    "The texts that a cell shows"
    return [o.get('text') or o['data'].get('text/plain', '') for o in cell['outputs'] if o['output_type'] != 'error']

def prose(path):
    "The text of a notebook's Markdown, without code, formulas, tags and the targets of links"
    for text in markdown(path):
        text = re.sub(r'(?s)```.*?```|`[^`]*`|\$[^$]*\$|<[^>]*>', ' ', text)
        yield re.sub(r'!?\[|\]\([^)]*\)', ' ', text)

PLAN = ('00_data 01_pixel_similarity 02_quadratic 03_backward 04_sgd 05_linear_classifier 06_learner 07_relu '
        '08_simple_net 09_resnet18 10_ten_digits 11_overfitting 12_draw appendix_speed appendix_scale appendix_table').split()

def test_the_chapters_are_numbered_as_planned(): assert [p.stem for p in CHAPTERS] == [n for n in PLAN if (ROOT/'nbs'/f'{n}.ipynb').exists()]

@chapters
def test_title(path):
    first = markdown(path)[0]
    assert re.match(r'# [^\n]+\n\n> [^\n]+\n\n\[!\[Open in Colab\]', first)
    assert badges.badge(settings(), path.stem) in first.splitlines()
    promises = re.split(r'\*In this (?:chapter|appendix) you will\*', first)[1]
    assert 3 <= len(re.findall(r'(?m)^- ', promises)) <= 5

@chapters
def test_colab_cell_comes_second(path):
    cell = read_cells(path)[1]
    assert (cell['id'], cell['source']) == ('colab', badges.colab_cell(settings())) and not cell['outputs']

@pytest.mark.parametrize('on_colab, installed, wheel, works', [
    (True, False, False, True), (True, False, True, True), (True, False, False, False), (True, True, True, True), (False, False, True, True)])
def test_colab_cell_installs_only_on_colab_and_only_once(monkeypatch, tmp_path, on_colab, installed, wheel, works):
    ran, name = [], settings()['lib_name']
    find = importlib.util.find_spec
    monkeypatch.chdir(tmp_path)
    if wheel: (tmp_path/f'{name}-0.1.0-py3-none-any.whl').touch()
    monkeypatch.setattr(importlib.util, 'find_spec', lambda n, *a: installed or None if n == name else find(n, *a))
    monkeypatch.setattr(subprocess, 'call', lambda command: ran.append(command[1:]) or not works)
    if on_colab: monkeypatch.setitem(sys.modules, 'google.colab', object())
    else: monkeypatch.delitem(sys.modules, 'google.colab', raising=False)
    try: exec(badges.colab_cell(settings()), {})
    except SystemExit as stop: assert not works and 'make wheel' in stop.code and 'upload' in stop.code
    else: assert works
    url = f"git+https://github.com/{settings()['user']}/{settings()['repo']}.git"
    source = f'{name}-0.1.0-py3-none-any.whl' if wheel else url
    assert ran == ([['-m', 'pip', 'install', '-q', source]] if on_colab and not installed else [])

@notebooks
def test_hidden_cells_are_folded_in_jupyterlab_and_colab(path):
    for cell in read_cells(path):
        aside = cell['cell_type'] == 'code' and cell['source'].startswith(('#| hide', '#| default_exp'))
        folded = cell['metadata'].get('jupyter', {}).get('source_hidden'), cell['metadata'].get('cellView')
        assert folded == ((True, 'form') if aside else (None, None)), cell['id']

@chapters
def test_sections_at_the_end(path):
    headings = [h for text in markdown(path) for h in re.findall(r'(?m)^## (.+)$', text)]
    assert headings[-5:] == ['What to remember', 'Questions', 'Exercises', 'Further reading', 'Solutions']
    questions = next(text for text in markdown(path) if text.startswith('## Questions'))
    numbered = re.findall(r'(?ms)^\d+\. .+?(?=\n\d+\. |\Z)', questions)
    assert 5 <= len(numbered) <= 8
    assert all('<details><summary>Answer</summary>' in q and q.endswith('</details>') for q in numbered)
    choices = [re.findall(r'(?m)^   - (\(\w\)) .+?(?:<summary>(\(\w\))</summary>.+</details>)?$', q) for q in numbered if '\n' in q]
    assert all([a for a, _ in found] == ['(a)', '(b)', '(c)'] and sum(a == b for a, b in found) == 2 for found in choices), choices

@chapters
def test_one_module_each(path):
    exported = [m[1] for c in code(path) if (m := re.match(r'#\| default_exp (\w+)$', c['source']))]
    assert len(exported) == 1
    module = (ROOT/'mnist_fundamentals'/f'{exported[0]}.py').read_text(encoding='utf-8')
    assert f'File to edit: ../nbs/{path.name}.' in module

def test_no_module_is_left_over():
    by_hand = {'__init__.py', '_modidx.py', 'all.py', 'cli.py'}
    modules = [p for p in (ROOT/'mnist_fundamentals').glob('*.py') if p.name not in by_hand]
    source = lambda p: re.search(r'File to edit: ../nbs/(\S+\.ipynb)\.|$', p.read_text(encoding='utf-8'))[1]
    assert {source(p) for p in modules} == {p.name for p in CHAPTERS} and len(modules) == len(CHAPTERS)

@notebooks
def test_ids(path):
    ids = [c['id'] for c in read_cells(path)]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r'[a-z][a-z0-9-]*', i) for i in ids)
    assert not [i for i in ids if re.fullmatch(r'[0-9a-f]{8}', i)], 'name the cell: a random id changes'

@notebooks
def test_cells_that_move_controls_are_hidden_and_tagged(path):
    "`mnist-fundamentals run` leaves them out: its pages show nothing of them"
    for cell in code(path):
        tagged = CONTROLS in cell['metadata'].get('tags', [])
        if tagged: assert cell['source'].startswith('#| hide\n'), cell['id']
        if re.search(r'(?m)^ *\w+\.sweep\(\)', cell['source']): assert tagged, cell['id']

@notebooks
def test_size_of_code_cells(path):
    lines = {c['id']: c['source'].splitlines() for c in code(path)}
    long = {name: len(text) for name, text in lines.items() if len(text) > 25}
    wide = {name: max(map(len, text)) for name, text in lines.items() if max(map(len, text), default=0) > 100}
    assert not long and not wide, f'{path.name}: more than 25 lines {long}, more than 100 columns {wide}'

@notebooks
def test_no_cell_failed(path):
    assert [c['id'] for c in code(path) for o in c['outputs'] if o['output_type'] == 'error'] == []

def shows(cell):
    "Must the cell have an output? True, False, or None where the source does not tell"
    tree = ast.parse(python(cell)).body
    calls = {n.func.id for s in tree if isinstance(s, ast.Expr) for n in ast.walk(s)
             if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    if calls & {'print', 'show_images', 'check'}: return True
    if not tree or not isinstance(tree[-1], ast.Expr): return None if tree else False
    return None if isinstance(tree[-1].value, ast.Call) else not cell['source'].rstrip().endswith(';')

@notebooks
def test_outputs_are_committed(path):
    bare = [c['id'] for c in code(path) if shows(c) and not c['outputs'] and not hidden(c)]
    assert bare == []

@notebooks
def test_figures_say_in_words_what_they_show(path):
    figures = [c for c in code(path) if any('image/png' in o.get('data', {}) for o in c['outputs'])]
    texts = [readme.figure_text(c) for c in figures if not hidden(c)]   # an error if there is none
    assert texts or path in (INDEX, GLOSSARY)
    assert all(len(text.split()) >= 6 for text in texts) and len(set(texts)) == len(texts)

@chapters
def test_exercises_are_committed_unanswered(path):
    checks = [c for c in code(path) if re.fullmatch(r'exercise-\d+-check', c['id'])]
    assert checks and all('Not answered yet' in ''.join(outputs(c)) for c in checks)

@notebooks
def test_outputs_name_no_machine(path):
    texts = [t for c in code(path) for o in c['outputs'] for t in
             [o.get('text', ''), *(v for k, v in o.get('data', {}).items() if k.startswith('text'))]]
    assert texts or path == GLOSSARY
    for text in texts + [c['source'] for c in read_cells(path)]:
        assert not re.search(r'(?<![\w.:/])/(home|root|Users|work|tmp|mnt|content|usr)/|\b[A-Z]:\\', text), text[:200]
        assert not re.search(r'\b0x[0-9a-fA-F]{6,}', text), text[:200]

@notebooks
def test_prose(path):
    for text in prose(path):
        assert not re.search(r'\b(simply|just|obviously|trivially)\b', text, re.I), text
        assert '!' not in text, text

@notebooks
def test_links_to_files_lead_somewhere(path):
    for text in markdown(path):
        text = re.sub(r'(?s)```.*?```|`[^`]*`', '', text)
        for link in re.findall(r'\]\((?!https?:|#)([^)#\s]+)', text): assert (path.parent/link).exists(), link

def test_index_lists_every_chapter():
    text = '\n'.join(markdown(INDEX))
    for path in CHAPTERS:
        url = re.search(r'\((https://colab[^)]+ipynb)\)$', badges.badge(settings(), path.stem))[1]
        assert f']({path.name})' in text and f'[Colab]({url})' in text
    assert len(re.findall(r'\[Colab\]', text)) == len(CHAPTERS)
    assert f"github.com/{settings()['user']}/{settings()['repo']}.git" in text

def test_results_table_is_what_the_notebooks_and_the_study_say():
    results = [o['data'][MIME] for path in CHAPTERS for c in code(path) for o in c['outputs'] if MIME in o.get('data', {})]
    rows = [(r['model'], f"{round(r['accuracy']*r['of']):,}", f"{r['accuracy']:.4f}", over_seeds(r), f"{r['parameters']:,}")
            for r in results]
    table = next(text for text in markdown(INDEX) if text.startswith('## Results'))
    assert re.findall(r'(?m)^\| \d+ \| `(\w+)`[^|]*\| ([\d,]+) \| ([\d.]+) \| ([^|]+) \| ([\d,]+) \|$', table) == rows
    assert [r['model'] for r in results] == MODELS + TEN_MODELS

@notebooks
def test_a_model_has_one_accuracy(path):
    "Wherever a printed table has a row of a model, it says what its Result says; means over seeds stand in tables of their own"
    results = {r['model']: r for p in CHAPTERS for c in code(p) for o in c['outputs'] if (r := o.get('data', {}).get(MIME))}
    for cell in code(path):
        for text in outputs(cell):
            if re.search(r'\bmean\b|±|\bshift', text): continue
            for name, rest in re.findall(rf'(?m)^ *({"|".join(MODELS + TEN_MODELS)}) +([\d., ]+)$', text):
                of = results[name]['of']
                right = round(results[name]['accuracy']*of)
                for value, decimals, _ in numbers(rest):
                    if decimals and .9 < value < 1: assert abs(value - right/of) <= .6*10**-decimals, (cell['id'], name, value)
                    if not decimals and of*.93 < value <= of: assert value == right, (cell['id'], name, value)

def over_seeds(result):
    if result['model'] in ('pixel_similarity', 'ten_nearest_mean'): return 'no chance in it'
    accuracy = seed_study(result['model']).right/result['of']
    return f'{accuracy.mean():.4f} ± {accuracy.std():.4f} ({len(accuracy)})'

NUMBER = re.compile(r'(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d|,\d|\.\d)|(?<![\w.])(?:\d[\d_]*\.?\d*|\.\d+)(?:e-?\d+)?(?![\w.]*\w)')
default = lambda f: inspect.signature(f).parameters['bs'].default
WORLD = {   # numbers that need no check: arithmetic that the sentence itself does, dates, and what other texts say
    default(digit_dls): 'pictures a batch', default(resnet18_learner): 'pictures a batch', 6198: 12396//2,
    784: 28*28, 1568: 2*28*28, 361: 19**2, 12396: 6131 + 6265, 70000: 60_000 + 10_000, 2038: 1010 + 1028,
    1950: 'a year', 224: 'the size of ImageNet pictures', 3.11: 'Python'}

def numbers(text):
    "The numbers in a text, as (value, decimals, where its digits are)"
    for match in NUMBER.finditer(text):
        bare = match[0].replace(',', '').replace('_', '').rstrip('.')
        yield float(bare), len(bare.partition('.')[2]), match.span()

def texts_of(cell):
    "What a code cell says: its code and its text outputs"
    shown = [v for o in cell['outputs'] for k, v in [*o.get('data', {}).items(), ('text', o.get('text', ''))]
             if isinstance(v, str) and not k.startswith('image/')]
    return [cell['source'], *shown]

def blocks(path):
    "A notebook as pairs of a Markdown cell and the numbers in the code cells near it: those before it and after it, two Markdown cells away at most"
    cells, groups = read_cells(path), [[]]
    for cell in cells:
        if cell['cell_type'] == 'markdown': groups += [cell, []]
        else: groups[-1].append(cell)
    for i in range(1, len(groups), 2):
        near = [c for j in range(i - 5, i + 4, 2) if 0 <= j < len(groups) for c in groups[j]]
        yield groups[i], {value for c in near for text in texts_of(c) for value, *_ in numbers(text)}

UNCHECKED = ('title', 'further', 'remember', 'questions')   # they say again what the chapter has shown

def plain(text): return re.sub(r'(?s)```.*?```|<details>.*?</details>|\*\*\w+\.\d+\*\*|https?:\S+|\]\([^)]*\)|`[^`]*`', ' ', text)

def loose_numbers(text, known):
    "The numbers of a text that no cell near it has: those with a decimal point or of three digits; a share may be said in per cent"
    for value, decimals, (start, end) in numbers(text):
        if (value < 100 and not decimals) or value in WORLD: continue
        percent = text[end:end + 2].strip().startswith(('%', 'per cent'))
        same = lambda k: round(k, decimals) == value or percent and round(100*k, decimals) == value
        if not any(map(same, known)): yield value

@chapters
def test_numbers_in_the_text_stand_in_a_cell_beside_it(path):
    loose = [(cell['id'], value) for cell, known in blocks(path) if cell['id'] not in UNCHECKED
             for value in loose_numbers(plain(cell['source']), known)]
    assert not loose

def test_a_last_digit_that_is_off_is_found():
    "Every number of the prose changed by one in its last digit: now and then that is another number nearby"
    places = []
    for path in CHAPTERS:
        for cell, known in blocks(path):
            if cell['id'] in UNCHECKED: continue
            text = plain(cell['source'])
            places += [(path.stem, cell['id'], text, known, span) for value, decimals, span in numbers(text)
                       if (value >= 100 or decimals) and value not in WORLD]
    missed = []
    for stem, name, text, known, (start, end) in places:
        digit = max(i for i in range(start, end) if text[i].isdigit())
        wrong = f'{text[:digit]}{(int(text[digit]) + 1) % 10}{text[digit+1:]}'
        if not set(loose_numbers(wrong, known)) - set(loose_numbers(text, known)): missed.append((stem, name, text[start:end]))
    assert len(places) >= 40 and len(missed) <= len(places)/4, (len(missed), len(places), missed)
