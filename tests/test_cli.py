"The command line: what a user may rely on, and what is said when something is wrong"
import json, os, platform, re, shutil, signal, subprocess, sys, time
import nbformat, numpy as np, pytest, torch
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pathlib import Path
from PIL import Image, ImageOps
from mnist_fundamentals import cli, data, ten_digits
from mnist_fundamentals.book import bundle, console, doctor, draw_page, execute, models, notebooks, pages, predict, results as book_results, sample

TORCH = torch.__version__.split('+')[0]

@pytest.fixture(scope='session')
def fastai_home(tmp_path_factory):
    "One home with the MNIST sample for all tests, so that none touches the user's"
    home = tmp_path_factory.mktemp('fastai')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('FASTAI_HOME', str(home))
        sample.mnist_sample()
    return home

@pytest.fixture(autouse=True)
def home(fastai_home, monkeypatch):
    monkeypatch.setenv('FASTAI_HOME', str(fastai_home))
    monkeypatch.delenv('MNIST_FUNDAMENTALS_DEVICE', raising=False)
    return fastai_home

def result(model, accuracy=.75, parameters=785):
    "The source of a cell that shows a Result, without the seconds that importing torch takes"
    value = dict(model=model, accuracy=accuracy, parameters=parameters)
    return f'display({{"text/plain": "{model}", "{book_results.MIME}": {value}}}, raw=True)'

def notebook(*cells):
    "Code cells with the ids cell-1, cell-2, ...; a cell of another kind is taken as it is"
    cells = [new_code_cell(c) if isinstance(c, str) else c for c in cells]
    for i, cell in enumerate(cells, 1): cell.id = f'cell-{i}'
    return new_notebook(cells=cells)

@pytest.fixture
def book(tmp_path, monkeypatch):
    "Write notebooks, and let the program find these"
    folder = tmp_path/'book'
    folder.mkdir()
    monkeypatch.setattr(notebooks, 'notebook_dir', lambda: folder)
    def write(**books):
        for name, nb in books.items(): nbformat.write(nb, folder/f'{name[1:]}.ipynb')
        return folder
    return write

def results(out): return json.loads((out/'results.json').read_text())

def texts(nb): return [''.join(o.get('text', '') for o in c.get('outputs', [])) for c in nb.cells]

# run

def test_run(book, tmp_path, monkeypatch, capfd):
    spec = tmp_path/'jupyter'/'kernels'/'python3'   # someone else's python3, which must not be used
    spec.mkdir(parents=True)
    wrong = dict(argv=['false'], display_name='x', language='python')
    (spec/'kernel.json').write_text(json.dumps(wrong))
    monkeypatch.setenv('JUPYTER_PATH', str(tmp_path/'jupyter'))
    monkeypatch.setenv('MPLBACKEND', 'agg')
    widget = ('display({"text/plain": "w", "text/html": "<b>a still</b>",'
              f' "{pages.WIDGET}": {{"model_id": "m", "version_major": 2}}}}, raw=True)')
    text = ('# A page\n[![Open](https://x.org/badge.svg)](https://x.org)\n\nThe slope of $x^2$, '
            r'$$\frac{1}{2}$$ `cost $1 or $2` $\nosuch{x}$')
    book(_00_one=notebook(new_markdown_cell(text), result('nobody'),
                          'import time; time.sleep(.8)\n' + result('linear', .5, 785), widget),
         _01_two=notebook('import os, sys, mnist_fundamentals; print(os.listdir(), sys.executable)',
                          'print(os.environ["MNIST_FUNDAMENTALS_DEVICE"])',
                          result('linear', .9), result('resnet18', 2028/2038, 11_000_000), '',
                          'import matplotlib.pyplot as plt; plt.plot([1, 2]);'))
    out = tmp_path/'deep'/'out'
    assert cli.main(['run', '--device', 'cpu', '--out', str(out)]) == 0
    printed, errors = capfd.readouterr()
    assert 'without encryption' not in errors and len(errors.splitlines()) == 2   # one a notebook
    assert re.search(r'resnet18 +2,028 of 2,038 +0\.9951 +11,000,000 ', printed)

    report, columns = results(out), ['notebook', 'model', 'accuracy', 'parameters']
    assert report['device'] == 'cpu' and report['versions']['torch'] == TORCH
    assert [[stage[c] for c in columns] for stage in report['stages']] == [
        ['00_one', 'linear', .5, 785], ['01_two', 'resnet18', 2028/2038, 11_000_000]]
    linear, resnet = [s['seconds'] for s in report['stages']]
    assert .8 <= linear < 3 and resnet < .8 and report['seconds'] > linear + resnet

    two = nbformat.read(out/'01_two.ipynb', 4)
    assert texts(two)[0].strip() == f'[] {sys.executable}' and texts(two)[1].strip() == 'cpu'
    assert 'image/png' in two.cells[-1].outputs[0].data
    page = (out/'00_one.html').read_text()
    assert not re.search(r'<script[^>]+src=|<link|<img[^>]+src="http|import\(|@import', page)
    assert f'type="{pages.WIDGET}"' not in page and '<b>a still</b>' in page
    assert list(nbformat.read(out/'00_one.ipynb', 4).cells[-1].outputs[0].data) == [
        'text/html', 'text/plain']
    assert page.count('<math ') == 3 and '<msup><mi>x</mi><mn>2</mn></msup>' in page and '<mfrac>' in page
    assert '<code>cost $1 or $2</code>' in page
    links = re.findall('href="(.*?)"', (out/'index.html').read_text())
    assert links == ['00_one.html', '01_two.html']

def test_run_failing_cell(book, tmp_path, capsys):
    late = new_code_cell('print("never")', outputs=[new_output('stream', text='an old output')])
    book(_00_one=notebook(result('linear')), _02_three=notebook(result('resnet18')),
         _01_two=notebook(new_markdown_cell('# Two'), 'print("before")',
                          'print("so far")\nraise ValueError("first\\nsecond")', late))
    assert cli.main(['run', '--jobs', '1', '--out', str(tmp_path/'out')]) == 1
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.endswith('01_two, cell 2 (cell-3): ValueError: first second')
    assert [s['model'] for s in results(tmp_path/'out')['stages']] == ['linear']
    two = nbformat.read(tmp_path/'out'/'01_two.ipynb', 4)
    assert texts(two) == ['', 'before\n', 'so far\n', '']    # and the last is not an old one
    page = (tmp_path/'out'/'01_two.html').read_text()
    assert 'so far' in page and 'ValueError' in page
    assert (tmp_path/'out'/'00_one.html').exists() and not (tmp_path/'out'/'02_three.html').exists()

def test_run_two_at_a_time(book, tmp_path, monkeypatch, capsys):
    "The first and the last wait until the other has begun; each gets its share of the cores"
    monkeypatch.delenv('OMP_NUM_THREADS', raising=False)
    monkeypatch.setattr('os.cpu_count', lambda: 6)
    def meet(mine, other):
        return ('import pathlib, time\n' f'pathlib.Path({str(tmp_path/mine)!r}).touch()\n'
                f'while not pathlib.Path({str(tmp_path/other)!r}).exists(): time.sleep(.05)')
    late = 'time.sleep(2)\n' + result('linear', .9)
    book(_00_one=notebook(meet('a', 'b'), late), _01_two=notebook(result('simple_net')),
         _02_three=notebook(meet('b', 'a'), result('linear'), 'import os; print(os.environ["OMP_WAIT_POLICY"], os.environ["OMP_NUM_THREADS"])'))
    out = tmp_path/'out'
    assert cli.main(['run', '--jobs', '2', '--out', str(out)]) == 0
    report = results(out)
    assert report['jobs'] == 2 and [s['notebook'] for s in report['stages']] == ['00_one', '01_two']
    assert report['stages'][0]['accuracy'] == .9         # the book's order, not the clock's
    assert texts(nbformat.read(out/'02_three.ipynb', 4))[2] == 'passive 3\n'
    assert re.findall('href="(.*?)"', (out/'index.html').read_text()) == ['00_one.html', '01_two.html', '02_three.html']
    capsys.readouterr()

    for name in 'ab': (tmp_path/name).unlink()
    book(_00_one=notebook(meet('a', 'b'), late), _02_three=notebook(meet('b', 'a'), '1/0'))
    (out/'01_two.html').unlink()
    assert cli.main(['run', '--jobs', '2', '--out', str(out)]) == 1
    assert '02_three, cell 2 (cell-2): ZeroDivisionError' in capsys.readouterr().err
    assert [s['model'] for s in results(out)['stages']] == ['linear']      # what was begun is finished
    assert not (out/'01_two.html').exists()                                # and no other begun
    with pytest.raises(SystemExit): cli.main(['run', '--jobs', '0'])
    assert "--jobs: invalid positive value: '0'" in capsys.readouterr().err

@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='the variables are those of glibc')
def test_kernels_keep_freed_memory():
    "A page of memory that was freed is not asked for again, counted in page faults"
    code = ('import resource, torch\n' 'for _ in range(40): torch.ones(2**24)\n'      # 64 MiB, made and freed
            'print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)')
    def faults(env): return int(subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, env=env).stdout)
    assert faults(os.environ) - faults(execute.kernel_env()) > 25*2**26/2**12

def test_run_leaves_out_the_tests_of_controls(book, tmp_path):
    moves = new_code_cell('print("moves a slider")', metadata=dict(tags=[execute.CONTROLS]))
    folder = book(_00_one=notebook(moves, 'print("seen")'))
    assert cli.main(['run', '--out', str(tmp_path/'out')]) == 0
    assert texts(nbformat.read(tmp_path/'out'/'00_one.ipynb', 4)) == ['', 'seen\n']
    nb = nbformat.read(folder/'00_one.ipynb', 4)
    execute.execute_notebook(nb)
    assert texts(nb) == ['moves a slider\n', 'seen\n']

def test_run_dying_kernel(book, tmp_path, capsys):
    book(_00_one=notebook(result('linear'), 'import os; os._exit(3)', 'print("never")'))
    assert cli.main(['run', '--out', str(tmp_path/'out')]) == 1
    assert '00_one, cell 2 (cell-2): DeadKernelError' in capsys.readouterr().err
    assert [s['model'] for s in results(tmp_path/'out')['stages']] == ['linear']
    assert 'DeadKernelError' in (tmp_path/'out'/'00_one.html').read_text()

def test_execute_notebook_timeout_and_callback():
    calls, nb = [], notebook('import time; time.sleep(.3)', '', 'time.sleep(60)')
    start = time.perf_counter()
    with pytest.raises(console.Problem, match=r'^cell 2 \(cell-3\): CellTimeoutError'):
        execute.execute_notebook(nb, lambda cell, *rest: calls.append((cell.id, *rest)), timeout=2)
    assert time.perf_counter() - start < 30
    assert [c[:3] for c in calls] == [('cell-1', 1, 2), ('cell-1', 1, 2), ('cell-3', 2, 2)]
    assert calls[0][3] is None and .3 <= calls[1][3] < 2 and calls[2][3] is None

@pytest.mark.skipif(sys.platform == 'win32', reason='signals')
def test_run_interrupted(book, tmp_path):
    def sleeper(name): return ('import os, time, pathlib\n'
        f'pathlib.Path({str(tmp_path/name)!r}).write_text(str(os.getpid()))\ntime.sleep(60)')
    folder = book(_00_one=notebook(result('linear'), sleeper('pid1')), _02_three=notebook(sleeper('pid2')),
                  _01_two=notebook(result('resnet18')))
    code = ('import signal, sys, pathlib; from mnist_fundamentals import cli; from mnist_fundamentals.book import notebooks\n'
            'signal.signal(signal.SIGINT, signal.default_int_handler)\n'    # a shell's `&` would have it ignored
            f'notebooks.notebook_dir = lambda: pathlib.Path({str(folder)!r})\n'
            f'sys.exit(cli.main(["run", "--jobs", "2", "--out", {str(tmp_path/"out")!r}]))')
    process = subprocess.Popen([sys.executable, '-c', code], stderr=subprocess.PIPE, text=True)
    pids = [tmp_path/'pid1', tmp_path/'pid2']
    for _ in range(600):
        if all(pid.exists() and pid.read_text() for pid in pids): break
        time.sleep(.1)
    kernels = [int(pid.read_text()) for pid in pids]
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=30)[1].splitlines()
    assert process.returncode == 130 and errors[-1] == 'Interrupted', errors
    assert {line.split(':')[0] for line in errors[:-1]} <= {'', '00_one', '02_three'}    # their times, no traceback
    for kernel in kernels:
        with pytest.raises(ProcessLookupError): os.kill(kernel, 0)
    assert [s['model'] for s in results(tmp_path/'out')['stages']] == ['linear']
    assert not (tmp_path/'out'/'01_two.html').exists()

@pytest.mark.parametrize('only,said', [('07', "no '07'"), ('00,x', "no '0x'"), (',', "no ','")])
def test_run_unknown_chapter(book, only, said, capsys):
    book(_00_one=notebook(), _04_four=notebook())
    assert cli.main(['run', '--only', only]) == 1
    error = capsys.readouterr().err
    assert said in error and '00_one, 04_four' in error and error.count('\n') == 1

def test_chapters_in_order(book):
    book(_04_b=notebook(), _00_a=notebook(), _02_c=notebook(), _glossary=notebook())
    assert [p.stem for p in notebooks.chapters()] == ['00_a', '02_c', '04_b']
    assert [p.stem for p in notebooks.chapters('4, 00')] == ['00_a', '04_b']

def test_device_problems(book, tmp_path, monkeypatch, capsys):
    book(_00_one=notebook())
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    assert cli.main(['run', '--device', 'cuda', '--out', str(tmp_path/'out')]) == 1
    assert '--device cpu' in capsys.readouterr().err and not (tmp_path/'out').exists()
    monkeypatch.setenv('MNIST_FUNDAMENTALS_DEVICE', 'abacus')
    assert cli.main(['run', '--out', str(tmp_path/'out')]) == 1
    assert 'MNIST_FUNDAMENTALS_DEVICE' in capsys.readouterr().err

# notebooks, lab

def test_notebooks(book, tmp_path, capsys):
    folder, dest = book(_00_one=notebook('1'), _index=notebook('2')), tmp_path/'a'/'b'
    same = lambda: [p.name for p in sorted(dest.iterdir())
                    if p.read_bytes() == (folder/p.name).read_bytes()]
    assert cli.main(['notebooks', str(dest)]) == 0
    assert same() == ['00_one.ipynb', 'index.ipynb']
    assert capsys.readouterr().out.count('copied') == 2
    assert cli.main(['notebooks', str(dest)]) == 0
    assert capsys.readouterr().out.count('kept') == 2
    (dest/'index.ipynb').write_text('mine')
    (dest/'00_one.ipynb').unlink()
    assert cli.main(['notebooks', str(dest)]) == 1              # refuses, and copies nothing else
    captured = capsys.readouterr()
    assert f'refused {dest/"index.ipynb"}' in captured.out and '--force' in captured.err
    assert [p.name for p in dest.iterdir()] == ['index.ipynb']
    assert (dest/'index.ipynb').read_text() == 'mine'
    assert cli.main(['notebooks', str(dest), '--force']) == 0
    assert same() == ['00_one.ipynb', 'index.ipynb']

def test_notebooks_into_a_file(book, tmp_path, capsys):
    book(_00_one=notebook())
    (tmp_path/'file').write_text('')
    assert cli.main(['notebooks', str(tmp_path/'file')]) == 1
    assert capsys.readouterr().err == f'mnist-fundamentals: {tmp_path/"file"}: File exists\n'

def test_notebook_dir():
    assert (notebooks.notebook_dir()/'00_data.ipynb').is_file()

def test_lab(book, tmp_path, monkeypatch, capsys):
    folder, opened = book(_00_one=notebook('1'), _01_two=notebook('2')), []
    class LabApp:
        main = opened.append
    monkeypatch.setattr(notebooks.util, 'find_spec', lambda name: name == 'jupyterlab')
    monkeypatch.setattr(notebooks, 'import_module', lambda name: LabApp)
    monkeypatch.setenv('PYTHONPATH', '')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(notebooks, 'is_checkout', lambda: True)
    assert cli.main(['lab']) == 0 and opened.pop() == [str(folder)]
    assert list(tmp_path.iterdir()) == [folder]
    monkeypatch.setattr(notebooks, 'is_checkout', lambda: False)      # installed: a copy, made once
    copy = tmp_path/'mnist_fundamentals_notebooks'
    assert cli.main(['lab']) == 0 and opened.pop() == [copy.name]
    (copy/'00_one.ipynb').write_text('my answers')
    (copy/'01_two.ipynb').unlink()
    assert cli.main(['lab']) == 0
    assert (copy/'00_one.ipynb').read_text() == 'my answers' and (copy/'01_two.ipynb').exists()
    monkeypatch.setattr(notebooks.util, 'find_spec', lambda name: None)
    assert cli.main(['lab']) == 1
    assert f'pip install -e "{console.HERE.parent}[lab]"' in capsys.readouterr().err

# draw

def test_draw(monkeypatch, capsys):
    served = []
    class Voila:
        def main(args):
            folder = Path(args[0]).parent
            assert os.environ['JUPYTER_PATH'].split(os.pathsep)[0] == str(folder)
            [template] = [o.partition('=')[2] for o in args if o.startswith('--template')]
            served.append((nbformat.read(args[0], 4), args[1:], {
                file.name: file.read_text() for file in (folder/'voila'/'templates'/template).iterdir()}))
    monkeypatch.setattr(notebooks.util, 'find_spec', lambda name: name == 'voila')
    monkeypatch.setattr(draw_page, 'import_module', lambda name: Voila)
    for name in 'PYTHONPATH', 'JUPYTER_PATH': monkeypatch.setenv(name, '')
    assert cli.main(['draw', '--port', '1234', '--no-browser']) == 0
    [(nb, options, template)] = served
    assert 'digit_app()' in nb.cells[-1].source
    assert {'--Voila.ip=127.0.0.1', '--port=1234', '--no-browser'} <= set(options)
    assert json.loads(template['conf.json']) == dict(base_template='lab') and '//' not in template['index.html.j2']
    monkeypatch.setattr(notebooks.util, 'find_spec', lambda name: None)
    assert cli.main(['draw']) == 1
    assert f'pip install -e "{console.HERE.parent}[app]"' in capsys.readouterr().err

# predict

@pytest.fixture(scope='session')
def trained(): return ten_digits.train_digit_convnet(device='cpu')

@pytest.fixture
def trainings(trained, home, monkeypatch):
    "An empty cache, and a training that takes no time and is counted"
    calls = []
    monkeypatch.setitem(models.KEPT, 'ten_convnet', (ten_digits.digit_convnet, lambda: calls.append(1) or trained))
    for path in (home/'models').glob('*'): path.unlink()
    return calls

def digit(kind, n=0):
    "A validation digit as a Pillow image: white on black"
    return Image.fromarray(data.load_digits('valid', (kind,))[0][n].numpy())

VARIANTS = dict(
    plain=lambda im: im,
    inverted=ImageOps.invert,
    large=lambda im: im.resize((280, 280)),
    colour=lambda im: ImageOps.colorize(im, 'white', 'navy'),
    off_centre=lambda im: ImageOps.expand(im.resize((280, 280)), (300, 10, 20, 150)),
    grey_paper=lambda im: ImageOps.invert(ImageOps.expand(im, 40)).point(lambda v: 60 + v*.6),
    tiny=lambda im: im.crop(im.getbbox()).resize((9, 12)))

@pytest.mark.parametrize('variant', VARIANTS)
def test_predict_digits(variant, trainings, tmp_path, capsys):
    paths, remarks = [], dict(inverted='inverted', large='280 by 280', grey_paper='inverted')
    for kind in range(10):
        for n in range(2):
            paths.append(tmp_path/f'{kind}-{n}.png')
            VARIANTS[variant](digit(kind, n)).save(paths[-1])
    assert cli.main(['predict', *map(str, paths)]) == 0
    printed, errors = capsys.readouterr()
    form = r'(.*): (\d) \((\d+\.\d)% sure(?:; doubtful: [\w ]+)?\)'
    lines = [re.fullmatch(form, line) for line in printed.splitlines()]
    assert [line[1] for line in lines] == [str(p) for p in paths]
    assert all(20 <= float(line[3]) < 100 for line in lines)
    right = sum(line[2] == path.name[0] for line, path in zip(lines, paths))
    assert right >= 19, printed
    said = [line for line in errors.splitlines() if str(tmp_path) in line]
    if variant == 'plain': assert said == []
    assert all(remarks.get(variant, '') in errors for line in said)
    assert variant == 'plain' or len(said) >= 20

def test_fit_digit_is_as_mnist_has_it():
    for kind in (3, 7):
        original = digit(kind)
        large = original.resize((280, 280), Image.Resampling.BICUBIC)
        image = ImageOps.expand(large, (200, 0, 90, 70))
        page, _ = predict.fit_digit(torch.from_numpy(np.array(image)))
        page = page.numpy()
        assert page.shape == (28, 28) and page.dtype == np.float32 and page.max() == 1
        rows, cols = np.nonzero(page)
        assert max(np.ptp(rows), np.ptp(cols)) + 1 == 20
        for sums in (page.sum(0), page.sum(1)):
            assert abs((sums*np.arange(28)).sum()/sums.sum() - 14) <= .5
        assert np.abs(page - np.array(original)/255).mean() < .05   # back where it came from

def test_predict_bad_files(trainings, tmp_path, capsys):
    digit(7).save(tmp_path/'seven.png')
    Image.new('L', (50, 40), 255).save(tmp_path/'blank.png')
    (tmp_path/'words.png').write_text('not an image')
    (tmp_path/'cut.png').write_bytes((tmp_path/'seven.png').read_bytes()[:150])
    (tmp_path/'folder.png').mkdir()
    bad = [str(tmp_path/f'{n}.png') for n in ('blank', 'words', 'cut', 'folder', 'missing')]
    assert cli.main(['predict', *bad]) == 1 and not trainings     # nothing to train for
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 5 and all(line.startswith(path) for line, path in zip(said, bad))
    assert cli.main(['predict', *bad[:2], str(tmp_path/'seven.png'), *bad[2:]]) == 1
    assert capsys.readouterr().out.startswith(f'{tmp_path/"seven.png"}: 7 (')

def test_predict_keeps_the_net(trainings, home, tmp_path, capsys):
    digit(3).save(tmp_path/'3.png')
    predict = lambda: (cli.main(['predict', str(tmp_path/'3.png')]), capsys.readouterr())
    code, first = predict()
    assert code == 0 and predict()[1].out == first.out and len(trainings) == 1
    kept, = (home/'models').glob('*-ten_convnet.pt')
    assert console.package_version() in kept.name
    good = kept.read_bytes()
    torch.save(dict(weight=torch.zeros(2)), tmp_path/'other.pt')
    for content in (b'', b'junk', good[:len(good)//2], (tmp_path/'other.pt').read_bytes()):
        kept.write_bytes(content)
        code, again = predict()
        assert code == 0 and again.out == first.out and 'damaged' in again.err
    assert len(trainings) == 5 and [p.name for p in (home/'models').glob('*-ten_convnet.pt')] == [kept.name]

def test_predict_where_nothing_can_be_kept(trainings, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv('FASTAI_HOME', str(tmp_path/'home'))
    sample.sample_path()
    (tmp_path/'home'/'models').write_text('a file')
    digit(3).save(tmp_path/'3.png')
    assert cli.main(['predict', str(tmp_path/'3.png')]) == 0
    captured = capsys.readouterr()
    assert '3.png: 3 (' in captured.out and 'not kept' in captured.err

# doctor

def test_doctor_healthy(capsys):
    assert cli.main(['doctor']) == 0
    printed = capsys.readouterr().out
    assert f'torch               {TORCH}' in printed
    assert 'genuine' in printed and 'complete in' in printed and 'WRONG' not in printed

@pytest.fixture
def no_imports(monkeypatch): monkeypatch.setattr(doctor, 'check_import', lambda name: 'loads')

def line_of(printed, name): return next(l for l in printed.splitlines() if l.startswith(name))

def test_doctor_damaged_bundle(no_imports, tmp_path, monkeypatch, capsys):
    whole = (bundle.HERE/'mnist.npz').read_bytes()
    (tmp_path/'mnist.sha256').write_text((bundle.HERE/'mnist.sha256').read_text())
    (tmp_path/'mnist.npz').write_bytes(whole[:len(whole)//2])
    monkeypatch.setattr(bundle, 'HERE', tmp_path)
    assert cli.main(['doctor']) == 1
    line = line_of(capsys.readouterr().out, 'bundled digits')
    assert 'WRONG' in line and 'pip install' in line and line.endswith('--force-reinstall')
    monkeypatch.undo()
    monkeypatch.setattr(bundle, 'damaged_arrays', lambda: ['train_3'])
    assert 'damaged (train_3)' in pytest.raises(console.Problem, doctor.check_bundle).value.args[0]

def test_doctor_sample_folder(no_imports, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv('FASTAI_HOME', str(tmp_path/'new'))
    assert cli.main(['doctor']) == 0                         # not there yet: no fault
    assert 'not there yet' in line_of(capsys.readouterr().out, 'MNIST sample')
    sample.sample_path().mkdir(parents=True)                   # an interrupted copy
    assert cli.main(['doctor']) == 1
    assert f'delete {sample.sample_path()}' in line_of(capsys.readouterr().out, 'MNIST sample')
    (tmp_path/'file').write_text('')
    monkeypatch.setenv('FASTAI_HOME', str(tmp_path/'file'/'home'))
    assert cli.main(['doctor']) == 1
    assert 'set FASTAI_HOME' in line_of(capsys.readouterr().out, 'MNIST sample')

def test_doctor_missing_things(no_imports, monkeypatch, capsys):
    real = console.metadata.version
    def version(name):
        if name == 'fastai': raise console.metadata.PackageNotFoundError(name)
        return real(name)
    find = notebooks.util.find_spec
    monkeypatch.setattr(notebooks.util, 'find_spec', lambda n: None if n == 'jupyterlab' else find(n))
    assert cli.main(['doctor']) == 0                         # JupyterLab is only a hint
    assert '[lab]"' in line_of(capsys.readouterr().out, 'JupyterLab')
    monkeypatch.setattr(console.metadata, 'version', version)
    assert cli.main(['doctor']) == 1
    assert 'pip install fastai' in line_of(capsys.readouterr().out, 'fastai ')

def test_doctor_says_what_does_not_load():
    with pytest.raises(console.Problem, match='pip install --force-reinstall nosuch'):
        doctor.check_import('nosuch.module')

# the command itself

def test_help_imports_nothing_heavy():
    code = ('import sys; from mnist_fundamentals import cli\ntry: cli.main(["--help"])\n'
            'except SystemExit: pass\n'
            'assert not {"torch", "numpy", "fastai", "nbclient", "tqdm"} & set(sys.modules)')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in ('run', 'lab', 'notebooks', 'predict', 'draw', 'doctor'):
        assert re.search(rf'(?m)^ +{name}\b', done.stdout)

def test_version_is_that_of_settings(monkeypatch, capsys):
    settings = (Path(cli.__file__).parents[1]/'settings.ini').read_text()
    version = re.search(r'(?m)^version = (.*)', settings)[1]
    assert console.package_version() == version
    with pytest.raises(SystemExit, match='^0$'): cli.main(['--version'])
    assert capsys.readouterr().out == f'mnist-fundamentals {version}\n'

@pytest.mark.parametrize('arguments', [[], ['walk'], ['predict'], ['run', '--device', 'tpu']])
def test_usage_errors(arguments, capsys):
    with pytest.raises(SystemExit, match='^2$'): cli.main(arguments)
    assert 'usage: mnist-fundamentals' in capsys.readouterr().err

OFFLINE = """
import nbformat.v4 as v4
from mnist_fundamentals.book.execute import execute_notebook
nb = v4.new_notebook(cells=[v4.new_code_cell('6*7')])
execute_notebook(nb)
print(nb.cells[0].outputs[0]['data']['text/plain'])
"""

def no_network(): return subprocess.run(['unshare', '-rn', 'true'], capture_output=True).returncode == 0

@pytest.mark.skipif(not shutil.which('unshare') or not no_network(),
                    reason='needs unshare, to switch the network off')
def test_kernels_need_no_network_at_all():
    "Not even 127.0.0.1, which is down here too"
    done = subprocess.run(['unshare', '-rn', sys.executable, '-c', OFFLINE], capture_output=True, text=True, timeout=120)
    assert done.stdout == '42\n', done.stderr
