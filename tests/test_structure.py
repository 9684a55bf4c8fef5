"""The two kinds of code live apart: lessons in the exported modules, furniture in `book`, and arrows one way

The rules are read off the imports, those inside functions included.
"""
import ast, importlib.util, subprocess, sys
import pytest
from conftest import CHAPTERS, ROOT, read_cells
from pathlib import Path

PACKAGE = ROOT/'mnist_fundamentals'
LESSONS = ['data', 'pixel_similarity', 'quadratic', 'backward', 'sgd', 'linear_classifier', 'learner', 'relu',
           'simple_net', 'resnet', 'ten_digits', 'overfitting', 'draw']     # in the order of the chapters
APPENDICES = {'speed': set(), 'scale': {'accelerate'}, 'table': {'pandas'}}  # and what their subjects need
BY_HAND = {'__init__', 'all', 'cli', '_modidx'}
LIBRARIES = {'torch', 'torchvision', 'numpy', 'PIL', 'matplotlib'}
HEAVY = {'ipywidgets', 'IPython', 'pandas', 'anywidget', 'fastai'}
WHERE_A_LEARNER_IS_MADE = {'fastai', 'mnist_fundamentals.book.fastai_loaders'}

def name_of(path):
    "mnist_fundamentals/book/run.py as mnist_fundamentals.book.run"
    parts = path.relative_to(ROOT).with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)

SOURCES = {name_of(path): path for path in sorted(PACKAGE.rglob('*.py')) if path.parent.name != 'notebooks'}

def short(module): return module.removeprefix('mnist_fundamentals.')

def absolute(node, module):
    "The module that an ImportFrom names"
    if not node.level: return node.module
    package = module if SOURCES[module].name == '__init__.py' else module.rpartition('.')[0]
    return importlib.util.resolve_name('.'*node.level + (node.module or ''), package)

def imports(module):
    "Pairs of (imported module, is it inside a function?), ours by their full names"
    tree, found = ast.parse(SOURCES[module].read_text(encoding='utf-8')), set()
    inside = {id(n) for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef)) for n in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import): names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, module)
            names = [f'{base}.{alias.name}' if f'{base}.{alias.name}' in SOURCES else base for alias in node.names]
        else: continue
        found |= {(name, id(node) in inside) for name in names}
    return found

IMPORTS = {module: imports(module) for module in SOURCES}

def top(name): return name.partition('.')[0]

def reached(module, seen=None):
    "Every module of ours that importing this one loads, and the names of other packages at the tops of these"
    seen = set() if seen is None else seen
    for name, inside in IMPORTS[module]:
        if name not in seen and not inside:
            seen.add(name)
            if name in SOURCES: reached(name, seen)
    return seen

def is_lesson(name): return short(name) in LESSONS or short(name) in APPENDICES

def is_light(name):
    "A module of `book` that a lesson may import"
    return not any(is_lesson(n) or top(n) in HEAVY for n in reached(name) | {name})

lessons = [f'mnist_fundamentals.{name}' for name in [*LESSONS, *APPENDICES] if (PACKAGE/f'{name}.py').exists()]

def test_every_module_has_its_place():
    flat = {path.stem for path in PACKAGE.glob('*.py')}
    assert flat - BY_HAND == {short(name) for name in lessons}

@pytest.mark.parametrize('module', lessons, ids=short)
def test_a_lesson_imports_what_a_lesson_may(module):
    name = short(module)
    earlier = LESSONS[:LESSONS.index(name)] if name in LESSONS else LESSONS
    for imported, inside in IMPORTS[module]:
        if imported in WHERE_A_LEARNER_IS_MADE or top(imported) == 'fastai': assert inside, imported
        elif imported in SOURCES and '.book' in imported: assert is_light(imported), f'{imported} is no light module'
        elif imported in SOURCES: assert short(imported) in [*earlier, *APPENDICES], imported
        else:
            allowed = LIBRARIES | APPENDICES.get(name, set()) | set(sys.stdlib_module_names)
            assert top(imported) in allowed, imported

def test_nothing_imports_all_and_book_stays_under_the_command():
    for module, found in IMPORTS.items():
        assert 'mnist_fundamentals.all' not in {name for name, _ in found}, module
        if '.book' in module: assert 'mnist_fundamentals.cli' not in {name for name, _ in found}, module

def test_no_circle():
    done, path = set(), []
    def visit(module):
        assert module not in path, ' -> '.join(map(short, [*path[path.index(module):], module]))
        if module in done: return
        path.append(module)
        for name, _ in sorted(IMPORTS[module]):
            if name in SOURCES: visit(name)
        path.pop()
        done.add(module)
    for module in SOURCES: visit(module)

def test_no_private_name_of_another_module():
    private = lambda name: name.startswith('_') and not name.startswith('__') and name not in ('_esm', '_css')   # anywidget's
    files = [*SOURCES.items(), *((None, p) for folder in ('tests', 'tools', 'studies', 'benchmarks')
                                 for p in sorted((ROOT/folder).glob('*.py')))]
    for module, path in files:
        tree, ours = ast.parse(path.read_text(encoding='utf-8')), set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                base = absolute(node, module) if module else node.module
                if top(base or '') != 'mnist_fundamentals': continue
                assert not [a.name for a in node.names if private(a.name)], f'{path.name}: {base}'
                ours |= {a.asname or a.name for a in node.names}    # a module, a class or a function
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ours:
                assert not private(node.attr), f'{path.name}: {node.value.id}.{node.attr}'

def lines(path): return len(path.read_text(encoding='utf-8').splitlines())

def test_modules_are_short():
    of_lessons = sorted(lines(SOURCES[module]) for module in lessons)
    assert of_lessons[-1] <= 200 and of_lessons[len(of_lessons)//2] < 130, of_lessons
    long = {short(m): lines(p) for m, p in SOURCES.items() if '.book' in m and lines(p) > 200}
    assert not long and lines(PACKAGE/'cli.py') < 120

LOADS = """
import importlib, sys
for module, heavy in {modules!r}.items():
    importlib.import_module(module)
    if loaded := heavy & sys.modules.keys(): sys.exit(f'{{module}} loads {{loaded}}')
"""

def test_a_lesson_loads_no_widgets_no_tables_and_no_fastai():
    "Neither by itself nor by what it imports"
    modules = {m: HEAVY - APPENDICES.get(short(m), set()) for m in sorted(lessons, key=lambda m: short(m) in APPENDICES)}
    done = subprocess.run([sys.executable, '-c', LOADS.format(modules=modules)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

# Pages

def exported(path):
    "The cells that a chapter exports"
    return [c for c in read_cells(path) if c['cell_type'] == 'code' and '#| export' in c['source'].splitlines()]

def defined(cells):
    "The names of functions and classes that cells define"
    return {n.name for c in cells for n in ast.parse(c['source']).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}

NAMES = {   # DESIGN.md's public names, by the module that defines them where its chapter exists
    'data': 'load_digits image_tensor stack_images pixel_table show_images set_seed default_device',
    'pixel_similarity': 'mnist_distance rms_distance mean_digit is_3 PixelSimilarity',
    'quadratic': 'plot_function quad mk_quad noise add_noise mae quad_mae gradient_descent',
    'sgd': 'mse roller_coaster speed_curve apply_step fit_curve show_preds standardize',
    'linear_classifier': 'init_params linear1 sigmoid mnist_loss batch_accuracy digit_dls calc_grad train_epoch '
                         'validate_epoch train_model',
    'simple_net': 'simple_net plot_accuracy show_weights',
    'resnet': 'resnet18_learner train_resnet18',
    'backward': 'Value draw_graph', 'learner': 'BasicOptim Momentum Adam digit_learner',
    'relu': 'rectified_linear double_relu relus fit_relus',
    'ten_digits': 'softmax cross_entropy digit_convnet train_digit_convnet confusion'}
FURNITURE = 'mnist_sample quad_explorer relu_explorer double_relu_explorer descent_explorer'.split()

def chapter_of(module): return next((p for p in CHAPTERS if f'#| default_exp {module}' in p.read_text(encoding='utf-8')), None)

@pytest.mark.parametrize('module', [m for m in NAMES if (PACKAGE/f'{m}.py').exists()])
def test_a_page_shows_the_names_of_its_lesson(module):
    cells = exported(chapter_of(module))
    assert set(NAMES[module].split()) <= defined(cells)
    assert not [c['id'] for c in cells if '#| hide' in c['source']], 'a hidden cell exports'

def test_all_gives_every_public_name():
    names = dict()
    exec('from mnist_fundamentals.all import *', names)
    wanted = FURNITURE + [n for m, text in NAMES.items() if (PACKAGE/f'{m}.py').exists() for n in text.split()]
    assert [n for n in wanted if n not in names] == []

def source_lines(cell): return [line for line in cell['source'].splitlines() if line.strip() and not line.startswith('#|')]

def test_pages_show_little_code_and_are_read_in_one_sitting():
    "Of all notebooks but evidence; a minute is 200 words or 12 lines"
    paths = [p for p in sorted((ROOT/'nbs').glob('*.ipynb')) if p.stem != 'evidence']
    total = long = 0
    for path in paths:
        cells = read_cells(path)
        shown = [source_lines(c) for c in cells if c['cell_type'] == 'code'
                 and not c['source'].startswith(('#| hide', '#| default_exp'))]
        words = sum(len(c['source'].split()) for c in cells if c['cell_type'] == 'markdown')
        visible = sum(map(len, shown))
        assert words/200 + visible/12 <= 40, f'{path.name}: {words} words, {visible} lines'
        total, long = total + visible, long + sum(len(text) > 12 for text in shown)
    assert total <= 160*len(paths) and long <= 1.2*len(paths), (total, long, len(paths))
