"What the command says, and what is installed"
import json, platform, re, sys
from importlib import metadata
from pathlib import Path

PACKAGE = 'mnist_fundamentals'
HERE = Path(__file__).resolve().parents[1]   # the folder of the package

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

def package_version():
    "The installed version; in a checkout that is not installed, the one in settings.ini"
    try: return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        text = (HERE.parent/'settings.ini').read_text(encoding='utf-8')
        return re.search(r'(?m)^version *= *(\S+)', text)[1]

def requirements():
    "Names of the packages that this one needs"
    try: lines = metadata.requires(PACKAGE) or []
    except metadata.PackageNotFoundError: return []
    return [re.match(r'[\w.-]+', line)[0] for line in lines if 'extra ==' not in line]

def versions():
    "Name to version of Python, this package and what it uses; None for what is not installed"
    found = dict(python=platform.python_version(), mnist_fundamentals=package_version())
    for name in requirements():
        try: found[name] = metadata.version(name)
        except metadata.PackageNotFoundError: found[name] = None
    return found

def source():
    "Where this package was installed from, as pip takes it; None where nobody wrote it down"

    try: distribution = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError: return None
    direct = json.loads(distribution.read_text('direct_url.json') or '{}')
    if 'vcs_info' in direct: return f'{direct["vcs_info"]["vcs"]}+{direct["url"]}'
    if 'url' in direct: return direct['url']
    for line in distribution.metadata.get_all('Project-URL') or []:
        name, _, url = line.partition(', ')
        if name == 'Repository': return f'git+{url}.git'

def pip_command(extra=''):   # such as 'lab'
    "The command that installs this package again, by the way it was installed"
    extra = f'[{extra}]' if extra else ''
    if is_checkout(): return f'pip install -e "{HERE.parent}{extra}"'
    return f'pip install "{PACKAGE}{extra} @ {source()}"'

def pick_device(name=None):
    "The device called `name`, or the default one; a Problem if PyTorch cannot use it"
    import torch
    from ..data import default_device
    try: device = torch.device(name) if name else default_device()
    except RuntimeError: raise Problem('set MNIST_FUNDAMENTALS_DEVICE to cpu or cuda') from None
    if device.type == 'cuda' and not torch.cuda.is_available():
        raise Problem('PyTorch finds no CUDA device: use the CPU (--device cpu, or the variable '
                      'MNIST_FUNDAMENTALS_DEVICE), or install an NVIDIA driver and a PyTorch with '
                      'CUDA (https://pytorch.org/get-started)')
    return device
