"""The command `mnist-fundamentals`: run, open or copy the notebooks, draw a digit, use a net, check the set-up"""
import argparse, asyncio, base64, html, io, json, os, platform, re, shutil, sys, tempfile, warnings
from collections import deque
from contextlib import redirect_stderr
from functools import partial
from importlib import import_module, metadata, util
from pathlib import Path
from time import perf_counter

HERE = Path(__file__).resolve().parent
MODELS = ['pixel_similarity', 'linear', 'linear_learner', 'simple_net', 'resnet18']
PACKAGES = ['torch', 'torchvision', 'fastai', 'fastcore', 'numpy', 'pandas', 'matplotlib', 'pillow',
            'anywidget', 'ipykernel', 'ipywidgets', 'nbclient', 'nbconvert', 'nbformat']
RESULT = 'application/vnd.mnist-fundamentals.result+json'
WIDGET = 'application/vnd.jupyter.widget-view+json'
VALID = 2038   # pictures in the validation set
CONTROLS = 'tests controls'   # the tag of a cell that moves sliders, which a page does not have

class Problem(Exception):
    "What the user should know, in one line"

def say(*args):
    "Print to stderr"
    print(*args, file=sys.stderr, flush=True)

def one_line(error):
    "What an exception says, without line breaks; a file's error as `file: reason`"
    if isinstance(error, OSError) and error.filename: return f'{error.filename}: {error.strerror}'
    return ' '.join(str(error).split()) or type(error).__name__

def is_checkout():
    "Is this a source checkout, with the notebooks beside the package?"
    return not (HERE/'notebooks').is_dir()

def notebook_dir():
    "The folder of the notebooks: in the installed package, or `nbs` in a source checkout"
    folder = HERE.parent/'nbs' if is_checkout() else HERE/'notebooks'
    if any(folder.glob('*.ipynb')): return folder
    raise Problem(f'{folder} holds no notebooks: install mnist_fundamentals again')

def package_version():
    "The installed version; in a checkout that is not installed, the one in settings.ini"
    try: return metadata.version('mnist_fundamentals')
    except metadata.PackageNotFoundError:
        text = (HERE.parent/'settings.ini').read_text(encoding='utf-8')
        return re.search(r'(?m)^version *= *(\S+)', text)[1]

def versions():
    "Name to version of Python, this package and what it uses; None for what is not installed"
    found = dict(python=platform.python_version(), mnist_fundamentals=package_version())
    for name in PACKAGES:
        try: found[name] = metadata.version(name)
        except metadata.PackageNotFoundError: found[name] = None
    return found

def pick_device(name=None):
    "The device called `name`, or the default one; a Problem if PyTorch cannot use it"
    import torch
    from .data import default_device
    try: device = torch.device(name) if name else default_device()
    except RuntimeError: raise Problem('set MNIST_FUNDAMENTALS_DEVICE to cpu or cuda') from None
    if device.type == 'cuda' and not torch.cuda.is_available():
        raise Problem('PyTorch finds no CUDA device: use the CPU (--device cpu, or the variable '
                      'MNIST_FUNDAMENTALS_DEVICE), or install an NVIDIA driver and a PyTorch with '
                      'CUDA (https://pytorch.org/get-started)')
    return device

def kernel_env(**more):
    "The environment of a kernel: figures go into the page, and a checkout's package is found"
    # glibc keeps freed memory for the next step, else each step asks the system for it anew
    keep = dict.fromkeys(['MALLOC_TRIM_THRESHOLD_', 'MALLOC_MMAP_THRESHOLD_'], str(2**30))
    env = keep | os.environ | dict(MPLBACKEND='module://matplotlib_inline.backend_inline') | more
    paths = [str(HERE.parent)]*is_checkout() + [env.get('PYTHONPATH')]
    return env | dict(PYTHONPATH=os.pathsep.join(filter(None, paths)))

def code_cells(nb, controls=True):
    "The (position, cell) of each code cell that is not empty; without those that test controls?"
    return [(i, c) for i, c in enumerate(nb.cells) if c.cell_type == 'code' and c.source.strip()
            and (controls or CONTROLS not in c.metadata.get('tags', []))]

async def execute(nb, on_cell=None, timeout=3600, env=None, controls=True):
    "`execute_notebook` for several at a time; when it is cancelled it ends its kernel"
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from nbformat.v4 import new_output
    on_cell, cells = on_cell or (lambda *args: None), code_cells(nb, controls)
    for _, cell in code_cells(nb): cell.update(outputs=[], execution_count=None)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # without folders to search there is one kernel: ipykernel in sys.executable
        km = AsyncKernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
        if os.name != 'nt':   # files as sockets: no network is needed, not even the machine's own
            km.transport, km.ip = 'ipc', str(Path(folder)/'kernel')
        client = NotebookClient(nb, km=km, timeout=timeout, extra_arguments=['--log-level=ERROR'])
        cwd = Path(folder)/'empty'
        cwd.mkdir()
        try:   # not by setup_kernel, whose signal handlers know of one kernel only
            await client.async_start_new_kernel(cwd=cwd, env=env or kernel_env())
            await client.async_start_new_kernel_client()
            for number, (index, cell) in enumerate(cells, 1):
                on_cell(cell, number, len(cells), None)
                start = perf_counter()
                await client.async_execute_cell(cell, index, execution_count=number)
                on_cell(cell, number, len(cells), perf_counter() - start)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            if asyncio.current_task().cancelling():   # nbclient takes that for a dead kernel
                raise asyncio.CancelledError from None
            name = getattr(error, 'ename', type(error).__name__)
            value = getattr(error, 'evalue', str(error).partition('\n')[0])
            if not isinstance(error, CellExecutionError):   # then the page does not say it yet
                cell.outputs.append(new_output('error', ename=name, evalue=value,
                                               traceback=[f'{name}: {value}']))
            where = f'cell {number} ({cell.get("id", "no id")})'
            raise Problem(f'{where}: {name}: {one_line(value)}') from None
        except RuntimeError as error:
            raise Problem(f'the kernel did not start: {one_line(error)}') from None
        finally:   # also after Ctrl-C, whatever state it left
            if client.kc: client.kc.stop_channels()
            if km.has_kernel: await km.shutdown_kernel(now=True)

def execute_notebook(
    nb,             # executed in place, in a fresh kernel of this Python, in an empty folder
    on_cell=None,   # on_cell(cell, number, total, seconds), called twice for each code cell: as
                    # it starts, with seconds None, and when it is done, with its wall time
    timeout=3600,   # for one cell, in seconds
    env=None,       # the kernel's environment; `kernel_env()` when None
    controls=True,  # execute the cells that test controls, too?
):
    "A failing cell, a dead kernel and a timeout raise Problem; `nb` keeps the outputs so far"
    asyncio.run(execute(nb, on_cell, timeout, env, controls))

def formula_image(match):
    "A match of $TeX$ as an image, drawn by matplotlib: a page needs no MathJax"
    from matplotlib import font_manager, mathtext
    if match['code']: return match[0]
    file, tex, font = io.BytesIO(), match['tex'].strip(), font_manager.FontProperties(size=11)
    try: depth = mathtext.math_to_image(f'${tex}$', file, font, dpi=72, format='svg')
    except ValueError: return match[0]   # beyond matplotlib's TeX: show the source
    svg = base64.b64encode(file.getvalue()).decode()
    return (f'<img alt="{html.escape(tex)}" style="vertical-align:-{depth:.0f}pt" '
            f'src="data:image/svg+xml;base64,{svg}">')

def html_page(nb, title):
    "An executed notebook as one HTML page that loads nothing from the network"
    from copy import deepcopy
    from jinja2 import DictLoader
    from nbconvert import HTMLExporter
    nb = deepcopy(nb)
    nb.cells = [c for c in nb.cells if not re.match(r'#\| (hide|default_exp)', c.source)]
    for cell in nb.cells:
        if cell.cell_type != 'markdown': continue
        text = re.sub(r'!\[([^]]*)\]\(https?:[^)]*\)', r'\1', cell.source)   # badges: their words
        cell.source = re.sub(r'(?s)(?P<code>```.*?```|`[^`]*`)|(?<!\\)(\$\$?)(?P<tex>[^$]+)\2',
                             formula_image, text)
    page = "{% extends 'index.html.j2' %}"
    for name in 'requirejs', 'mathjax', 'mermaidjs':   # what nbconvert's page loads from a CDN
        page += f'{{% block html_head_js_{name} %}}{{% endblock %}}'
    exporter = HTMLExporter(extra_loaders=[DictLoader({'page.j2': page})], template_file='page.j2')
    exporter.log.setLevel('ERROR')
    return exporter.from_notebook_node(nb, dict(metadata=dict(name=title)))[0]

def drop_widgets(nb):
    "Leave of each widget its still picture: what a page shows without a kernel"
    nb.metadata.pop('widgets', None)
    for cell in nb.cells:
        for output in cell.get('outputs', []): output.get('data', {}).pop(WIDGET, None)

def save_pages(nb, name, out):
    "Write an executed notebook and its HTML page"
    import nbformat
    drop_widgets(nb)
    nbformat.write(nb, out/f'{name}.ipynb')
    (out/f'{name}.html').write_text(html_page(nb, name), encoding='utf-8')

def chapters(only=None):
    "The numbered notebooks in order, or those whose numbers are in `only`, such as '00,04'"
    found = {path.name[:2]: path for path in sorted(notebook_dir().glob('[0-9][0-9]_*.ipynb'))}
    wanted = found if only is None else [n.zfill(2) for n in only.replace(',', ' ').split()]
    if not wanted or (unknown := sorted(set(wanted) - set(found))):
        names = ', '.join(path.stem for path in found.values())
        raise Problem(f'there is no {", ".join(unknown) if wanted else only!r}, only {names}')
    return [path for number, path in found.items() if number in wanted]

async def run_books(books, jobs, on_cell, on_end, **options):
    """Execute notebooks, name to notebook, `jobs` of them at a time.

    Every second job begins at the end of the book: late chapters are long and need memory, early
    ones are short and light, so they go well together.
    `on_cell(name, cell, number, total, seconds)` is as in `execute_notebook`; `on_end(name, nb,
    seconds)` is called for each that was begun, never twice at once. After one that fails no other
    is begun, and a Problem is raised."""
    waiting, ending, failed = deque(books.items()), asyncio.Lock(), []
    async def work(take):
        while waiting and not failed:
            name, nb = take()
            start = perf_counter()
            try: await execute(nb, partial(on_cell, name), **options)
            except Problem as error: failed.append(f'{name}, {error}')
            finally:
                async with ending:
                    await asyncio.to_thread(on_end, name, nb, perf_counter() - start)
    try:
        async with asyncio.TaskGroup() as group:
            for job in range(jobs): group.create_task(work((waiting.popleft, waiting.pop)[job % 2]))
    except ExceptionGroup as several: raise several.exceptions[0] from None
    if failed: raise Problem('; '.join(failed))

def run(args):
    "Execute the notebooks; write their pages and results.json"
    paths = chapters(args.only)
    import nbformat
    from tqdm import tqdm
    from .data import mnist_sample
    device, out = str(pick_device(args.device)), Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    with redirect_stderr(sys.stderr if sys.stderr.isatty() else io.StringIO()): mnist_sample()
    begin, found, ended = perf_counter(), [], []
    books = {path.stem: nbformat.read(path, as_version=4) for path in paths}
    cells = sum(len(code_cells(nb, controls=False)) for nb in books.values())
    bar = tqdm(total=cells, unit='cell', disable=None)   # None: only when stderr is a terminal
    env = kernel_env(MNIST_FUNDAMENTALS_DEVICE=device)
    # a thread that waits for its partner would keep the core from the other notebook
    if args.jobs > 1: env.setdefault('OMP_WAIT_POLICY', 'passive')
    def follow(name, cell, number, total, seconds):
        if seconds is None: return bar.set_description(f'{name} {number}/{total}')
        bar.update()
        for data in [output.get('data', {}) for output in cell.outputs]:
            if (result := data.get(RESULT, {})).get('model') in MODELS:
                found.append(dict(notebook=name, **result, seconds=seconds))
    def end(name, nb, seconds):
        save_pages(nb, name, out)
        ended.append(name)
        bar.write(f'{name}: {seconds:.1f} s', file=sys.stderr)
    try: asyncio.run(run_books(books, args.jobs, follow, end, env=env, controls=False))
    finally:
        bar.close()
        stages = {}   # of each model the first in the book
        for result in sorted(found, key=lambda r: r['notebook']):
            stages.setdefault(result['model'], result)
        report = dict(device=device, jobs=args.jobs, versions=versions(),
                      seconds=perf_counter() - begin, stages=list(stages.values()))
        (out/'results.json').write_text(json.dumps(report, indent=2) + '\n', encoding='utf-8')
        links = ''.join(f'<li><a href="{name}.html">{name}</a></li>\n' for name in sorted(ended))
        page = '<!DOCTYPE html><meta charset="utf-8"><title>mnist_fundamentals</title>\n<ul>\n'
        (out/'index.html').write_text(page + links + '</ul>\n', encoding='utf-8')
    print(f'{"model":<18}{"correct":>15}{"accuracy":>10}{"parameters":>12}{"seconds":>9}')
    for s in stages.values():
        correct = f'{round(s["accuracy"]*VALID):,} of {VALID:,}'
        print(f'{s["model"]:<18}{correct:>15}{s["accuracy"]:>10.4f}'
              f'{s["parameters"]:>12,}{s["seconds"]:>9.1f}')
    print(f'{report["seconds"]:.0f} s on {device}; the pages are in {out/"index.html"}')
    return 0

def compare_notebooks(dest):
    "The notebooks that `dest` lacks, those that are the same there, and those that differ"
    new, same, changed = [], [], []
    for path in sorted(notebook_dir().glob('*.ipynb')):
        copy = dest/path.name
        if not copy.exists(): new.append(path)
        else: (same if copy.read_bytes() == path.read_bytes() else changed).append(path)
    return new, same, changed

def copy_files(paths, dest):
    "Copy files into a folder, and say so"
    dest.mkdir(parents=True, exist_ok=True)
    for path in paths: print('copied', shutil.copyfile(path, dest/path.name))

def notebooks(args):
    "Copy the notebooks to a folder: all of them, or none where that would undo a change"
    dest = Path(args.dest)
    new, same, changed = compare_notebooks(dest)
    for path in same: print('kept', dest/path.name)
    if changed and not args.force:
        for path in changed: print('refused', dest/path.name)
        raise Problem(f'nothing was copied, since {len(changed)} of the files in {dest} differ: '
                      'name another folder, or overwrite them with --force')
    copy_files(new + changed, dest)
    return 0

def lab(args):
    "Open JupyterLab on the notebooks; when they are installed, on a copy"
    if not util.find_spec('jupyterlab'):
        raise Problem('JupyterLab is missing: pip install "mnist_fundamentals[lab]"')
    folder = notebook_dir()
    if not is_checkout():
        folder = Path('mnist_fundamentals_notebooks')
        copy_files(compare_notebooks(folder)[0], folder)   # what the reader changed stays
    os.environ['PYTHONPATH'] = kernel_env()['PYTHONPATH']
    import_module('jupyterlab.labapp').main([str(folder)])
    return 0

def draw(args):
    "Draw a digit in the browser, and see what each model says and why"
    if not util.find_spec('voila'):
        raise Problem('Voila is missing: pip install "mnist_fundamentals[app]"')
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
    title = new_markdown_cell('# Draw a 3 or a 7\n\nThe models train for a few seconds, then the pad opens.')
    code = new_code_cell('from mnist_fundamentals.data import use_book_style\n'
                         'from mnist_fundamentals.draw import digit_app\nuse_book_style()\ndigit_app()')
    os.environ['PYTHONPATH'] = kernel_env()['PYTHONPATH']
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder)/'draw.ipynb'
        nbformat.write(new_notebook(cells=[title, code]), page)
        options = [f'--port={args.port}']*(args.port is not None) + ['--no-browser']*args.no_browser
        import_module('voila.app').main([str(page), '--Voila.ip=127.0.0.1', *options])
    return 0

def digit_net():
    "The two-layer net on the CPU: from the cache, else trained and put there"
    import torch
    from .data import sample_path
    from .simple_net import simple_net, train_simple_net
    path = sample_path().parents[1]/'models'/f'mnist_fundamentals-{package_version()}-simple_net.pt'
    net = simple_net()
    try: net.load_state_dict(torch.load(path, map_location='cpu', weights_only=True))
    except Exception as error:   # a damaged file can raise nearly anything
        if not isinstance(error, FileNotFoundError): say(f'{path} is damaged: made anew')
        pick_device()
        say('Training the two-layer net, once ...')
        net = train_simple_net().cpu()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                torch.save(net.state_dict(), Path(folder)/path.name)
                os.replace(Path(folder)/path.name, path)
        except (OSError, RuntimeError) as error: say(f'The net is not kept: {one_line(error)}')
    return net.eval()

def fit_digit(image):
    "uint8 [h,w] to float32 [28,28] in 0..1 as MNIST has it, and what had to be done to it"
    import numpy as np, torch
    from .draw import to_mnist
    ink, done = np.asarray(image).astype(np.float32), []
    border = np.median(np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]]))
    if border > 127.5:
        ink, border = 255 - ink, 255 - border
        done.append('inverted, since it is dark ink on light paper')
    if np.ptp(ink) < 26: raise ValueError('blank image: there is no digit on it')
    if ink.shape == (28, 28): return ink/255, done
    done.append(f'fitted to 28 by 28 pixels from {ink.shape[1]} by {ink.shape[0]}')
    page = to_mnist(torch.from_numpy((ink - border).clip(0))).numpy()
    return page, done

def predict(args):
    "Tell for each image whether it is a 3 or a 7"
    import torch
    from .data import image_tensor
    digits = {}
    for path in args.image:
        try: digit, done = fit_digit(image_tensor(path))
        except Exception as error:   # whatever is wrong with one file, the rest go on
            text = one_line(error)
            say(text if text.startswith(path) else f'{path}: {text}')
            continue
        for remark in done: say(f'{path}: {remark}')
        digits[path] = torch.from_numpy(digit)
    if digits:
        images = torch.stack(list(digits.values())).view(-1, 28*28)
        is_3 = digit_net()(images).sigmoid().flatten().tolist()
        for path, p in zip(digits, is_3):
            print(f'{path}: {3 if p >= .5 else 7} ({min(.999, max(p, 1-p)):.1%} sure)')
    return 0 if set(digits) == set(args.image) else 1

def check_import(name):
    "Import a module"
    try:
        with warnings.catch_warnings(action='ignore'): import_module(name)
    except Exception as error:
        raise Problem(f'{one_line(error)}; pip install --force-reinstall {name[:6]}') from None
    return 'loads'

def check_bundle():
    "Compare the bundled digits with their digests"
    from .data import damaged_arrays
    try: wrong = ', '.join(damaged_arrays())
    except Exception as error: wrong = one_line(error)
    if not wrong: return 'genuine'
    raise Problem(f'damaged ({wrong}); pip install --force-reinstall mnist_fundamentals')

def check_sample():
    "Is the MNIST sample's folder complete, or can it be made?"
    from .data import _is_complete, sample_path
    try:
        path = sample_path()
        if _is_complete(path): return f'complete in {path}'
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent): pass
    except OSError as error:
        raise Problem(f'{one_line(error)}; set FASTAI_HOME to a folder you may write to') from None
    if path.exists(): raise Problem(f'incomplete; delete {path}, and it is made anew')
    return f'not there yet; the first use writes it to {path}'

def doctor(args):
    "Check the set-up; print what is wrong and what to do"
    healthy = True
    for name, version in versions().items():
        healthy &= version is not None
        print(f'{name:<20}{version or f"WRONG: missing; pip install {name}"}')
    checks = {'torch import': lambda: check_import('torch'),
              'fastai import': lambda: check_import('fastai.vision.all'),
              'device': pick_device, 'bundled digits': check_bundle, 'MNIST sample': check_sample,
              'notebooks': lambda: f'{len(chapters())} chapters in {notebook_dir()}',
              'JupyterLab': lambda: 'there' if util.find_spec('jupyterlab') else
                  'missing, and only lab needs it: pip install "mnist_fundamentals[lab]"',
              'Voila': lambda: 'there' if util.find_spec('voila') else
                  'missing, and only draw needs it: pip install "mnist_fundamentals[app]"'}
    for name, check in checks.items():
        try: print(f'{name:<20}{check()}', flush=True)
        except Exception as error:   # one broken part must not hide the others
            healthy = False
            print(f'{name:<20}WRONG: {one_line(error)}', flush=True)
    print('All is well.' if healthy else 'Something is wrong: see above.')
    return 0 if healthy else 1

def positive(text):
    "A number from 1 up, for argparse"
    if (n := int(text)) < 1: raise ValueError
    return n

def parser():
    "The command line"
    p = argparse.ArgumentParser('mnist-fundamentals', description=__doc__.partition(': ')[2])
    p.add_argument('--version', action='version', version=f'%(prog)s {package_version()}')
    commands = p.add_subparsers(title='commands', metavar='COMMAND', required=True)
    def command(call):
        sub = commands.add_parser(call.__name__, help=call.__doc__, description=call.__doc__)
        sub.set_defaults(call=call)
        return sub
    sub = command(run)
    sub.add_argument('--device', choices=['cpu', 'cuda'], help='default: CUDA where there is one')
    sub.add_argument('--only', metavar='NUMBERS', help='some chapters, such as 00,04')
    sub.add_argument('--out', metavar='DIR', default='results', help='default: results')
    sub.add_argument('--jobs', metavar='N', type=positive, default=min(2, os.cpu_count() or 1),
                     help='notebooks at a time, default: %(default)s; times are longer with more')
    command(lab)
    sub = command(notebooks)
    sub.add_argument('dest', metavar='DEST', help='a folder, made if need be')
    sub.add_argument('--force', action='store_true', help='overwrite files that differ')
    command(predict).add_argument('image', nargs='+', metavar='IMAGE', help='a handwritten 3 or 7')
    sub = command(draw)
    sub.add_argument('--port', type=int, help='default: a free one')
    sub.add_argument('--no-browser', action='store_true', help='serve the page, and open no window')
    command(doctor)
    return p

def main(argv=None) -> int:
    "Run one command; the exit code is 0, 1 for an error, 130 for Ctrl-C"
    args = parser().parse_args(argv)
    try: return args.call(args)
    except KeyboardInterrupt: return say('\nInterrupted') or 130
    except (Problem, OSError) as error: return say(f'mnist-fundamentals: {one_line(error)}') or 1

if __name__ == '__main__': sys.exit(main())
