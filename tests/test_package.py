"What is built from the tree: the wheel, the sdist, their metadata, and what an import costs"
import email, re, shutil, subprocess, sys, tarfile, zipfile
import pytest
from conftest import CHAPTERS, ROOT, settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

COLAB = dict(torch='2.11', torchvision='0.26', fastai='2.8.8', fastcore='2.2.12',
             ipywidgets='7.7.1', numpy='2.1', anywidget='0.9.21')
ALL_EXTRAS = ['lab_requirements', 'app_requirements', 'docs_requirements', 'dev_requirements']
NOT_COPIED = shutil.ignore_patterns(
    '.git', '.venv*', 'build', 'dist', 'results', '_proc', '_site', '*.egg-info', '__pycache__',
    '.pytest_cache', '.hypothesis', '.ipynb_checkpoints', '.last_checked')

def run(*args, **kwargs):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, **kwargs)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

@pytest.fixture(scope='module')
def built(tmp_path_factory):
    "The folder with an sdist, and the wheel built from that sdist"
    folder = tmp_path_factory.mktemp('built')
    shutil.copytree(ROOT, folder/'tree', ignore=NOT_COPIED)
    run(sys.executable, '-m', 'build', '--no-isolation', '--outdir', folder/'dist', folder/'tree')
    return folder/'dist'

@pytest.fixture(scope='module')
def wheel(built): return next(built.glob('*.whl'))

@pytest.fixture(scope='module')
def sdist(built): return next(built.glob('*.tar.gz'))

def wheel_files(path):
    "Name to bytes, without the list of digests"
    with zipfile.ZipFile(path) as z:
        return {n: z.read(n) for n in z.namelist() if not n.endswith('/RECORD')}

@pytest.fixture(scope='module')
def meta(wheel):
    text = next(v for k, v in wheel_files(wheel).items() if k.endswith('.dist-info/METADATA'))
    return email.message_from_bytes(text)

def lines(key): return settings()[key].strip().splitlines()

def test_wheel_holds_the_modules_the_digits_and_the_notebooks(wheel):
    files = wheel_files(wheel)
    source = {p.relative_to(ROOT).as_posix(): p for p in (ROOT/'mnist_fundamentals').rglob('*.*')
              if '__pycache__' not in p.parts}
    source |= {f'mnist_fundamentals/notebooks/{p.relative_to(ROOT/"nbs").as_posix()}': p
               for pattern in ('*.ipynb', 'images/*.png') for p in (ROOT/'nbs').glob(pattern)}
    assert {n for n in files if '.dist-info/' not in n} == set(source)
    assert all(files[name] == path.read_bytes() for name, path in source.items())
    for name in ('mnist.npz', 'mnist.sha256', 'seeds.csv', 'data.py', 'cli.py', 'book/pad.js',
                 'book/pad.css', 'book/explorers/__init__.py', 'notebooks/00_data.ipynb',
                 'notebooks/index.ipynb'):
        assert f'mnist_fundamentals/{name}' in files
    info = {n.rpartition('/')[2] for n in files if '.dist-info/' in n}
    assert {'LICENSE', 'NOTICE', 'entry_points.txt'} <= info

def test_metadata_is_that_of_the_settings(meta):
    cfg, project = settings(), f"https://github.com/{settings()['user']}/{settings()['repo']}"
    assert (meta['Name'], meta['Version']) == (cfg['lib_name'], cfg['version'])
    assert (meta['Summary'], meta['Author']) == (cfg['description'], cfg['author'])
    assert (meta['License-Expression'] or meta['License']) == cfg['license']
    assert meta['Requires-Python'] == f">={cfg['min_python']}"
    assert meta['Keywords'].replace(',', ' ').split() == cfg['keywords'].split()
    assert f'Repository, {project}' in meta.get_all('Project-URL')
    pythons = {c.rpartition(' ')[2] for c in meta.get_all('Classifier') if 'Python ::' in c}
    assert pythons == set(cfg['pythons'].split())
    readme = (ROOT/'README.md').read_text(encoding='utf-8')
    assert meta.get_payload(decode=True).decode().strip() == readme.strip()

@pytest.mark.parametrize('extra, keys', [(None, ['requirements']), ('lab', ['lab_requirements']),
                                         ('app', ['app_requirements']), ('docs', ['docs_requirements']),
                                         ('dev', ALL_EXTRAS)])
def test_requirements_are_those_of_the_settings(meta, extra, keys):
    found = {(r.name, r.specifier) for r in map(Requirement, meta.get_all('Requires-Dist'))
             if (r.marker is None if extra is None else r.marker and f'"{extra}"' in str(r.marker))}
    assert found == {(r.name, r.specifier) for key in keys for r in map(Requirement, lines(key))}

def test_the_command_is_installed(wheel):
    text = next(v for k, v in wheel_files(wheel).items() if k.endswith('entry_points.txt')).decode()
    assert lines('console_scripts')[0] in text

def test_tree_builds_the_same_wheel(wheel, built, tmp_path):
    "The wheel above was built from the sdist; this one is built from the tree"
    run(sys.executable, '-m', 'build', '--no-isolation', '--wheel', '--outdir', tmp_path/'dist',
        built.parent/'tree')
    again = wheel_files(next((tmp_path/'dist').glob('*.whl')))
    assert again == wheel_files(wheel)

def test_sdist_holds_what_a_clone_holds(sdist):
    with tarfile.open(sdist) as tar: names = {n.partition('/')[2] for n in tar.getnames()}
    for name in ('settings.ini', 'setup.py', 'pyproject.toml', 'constraints.txt', 'Makefile',
                 'LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', '.ci/run',
                 'mnist_fundamentals/mnist.npz', 'tools/build_data.py', 'studies/seeds.py', 'nbs/00_data.ipynb',
                 'nbs/index.ipynb', 'docs/conf.py', 'tests/test_package.py', 'tests/conftest.py'):
        assert name in names
    assert not [n for n in names if '__pycache__' in n or n.startswith(('.venv', '.git/'))]

def test_wheel_works_where_it_is_installed(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as z: z.extractall(tmp_path/'site')
    code = f'''
import sys
sys.path.insert(0, {str(tmp_path/'site')!r})
import mnist_fundamentals
from mnist_fundamentals import data
from mnist_fundamentals.book import bundle, notebooks
assert mnist_fundamentals.__version__ == {settings()['version']!r}
assert data.__file__.startswith({str(tmp_path/'site')!r})
assert bundle.damaged_arrays() == [] and len(data.load_digits('valid')[1]) == 2038
print(*(p.name for p in notebooks.chapters()))
'''
    assert run(sys.executable, '-c', code, cwd=tmp_path).split() == [p.name for p in CHAPTERS]

# What an import costs

def imported(code):
    "The packages that are imported after `code`"
    show = f'{code}; import sys; print(*sys.modules)'
    return set(run(sys.executable, '-c', show, cwd=ROOT).split())

def test_importing_the_package_imports_nothing_else():
    assert not {'torch', 'numpy', 'fastai', 'matplotlib'} & imported('import mnist_fundamentals')

def test_importing_the_command_imports_no_torch():
    assert not {'torch', 'fastai'} & imported('import mnist_fundamentals.cli')

# settings.ini and constraints.txt

def test_lower_bounds_are_within_colabs_reach():
    bounds = {r.name: r for r in map(Requirement, lines('requirements'))}
    for name, version in COLAB.items(): assert bounds[name].specifier.contains(version), name

def test_constraints_fit_the_requirements():
    text = (ROOT/'constraints.txt').read_text(encoding='utf-8')
    pins = dict(line.split('==') for line in text.splitlines() if not line.startswith('#'))
    pins = {canonicalize_name(name): Version(version) for name, version in pins.items()}
    assert not [n for n in pins if n.startswith(('nvidia', 'cuda', 'triton'))]
    assert not [n for n, v in pins.items() if v.local]
    for key in ('requirements', *ALL_EXTRAS):
        for r in map(Requirement, lines(key)): assert r.specifier.contains(pins[r.name]), r
