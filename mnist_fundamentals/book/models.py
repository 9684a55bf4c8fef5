"The book's models, trained as in their chapters, and those that are kept on disk"
import hashlib, os, tempfile
from pathlib import Path
import torch
from torch import nn
from ..draw import known_directions
from ..learner import train_linear
from ..linear_classifier import digit_tensors
from ..pixel_similarity import PixelSimilarity, mean_digit
from ..resnet import digit_resnet18
from ..simple_net import simple_net, train_simple_net
from ..ten_digits import (NearestMean, digit_convnet, digit_means, ten_linear, ten_simple_net,
                          train_digit_convnet, train_ten_linear, train_ten_simple_net)
from .bundle import HERE
from .console import one_line, package_version, pick_device, say
from .sample import fastai_folder

class Directions(nn.Module):
    "Holds `known_directions` of a network, float [n,k]"
    def __init__(self, known):
        super().__init__()
        self.known = nn.Parameter(known, requires_grad=False)

KEPT = {   # name: (makes the model, trains it), those of 3 and 7 first; means and directions are kept for speed
    'pixel_similarity': (lambda: PixelSimilarity(*torch.zeros(2, 28, 28)), lambda: PixelSimilarity(*mean_digits())),
    'linear': (lambda: nn.Linear(28*28, 1), train_linear),
    'simple_net': (simple_net, train_simple_net),
    'ten_nearest_mean': (lambda: NearestMean(torch.zeros(10, 28*28)), lambda: NearestMean(digit_means())),
    'ten_linear': (ten_linear, train_ten_linear),
    'ten_simple_net': (ten_simple_net, train_ten_simple_net),
    'ten_convnet': (digit_convnet, train_digit_convnet),
    'directions': (lambda: Directions(torch.zeros(5000, 576)), lambda: Directions(known_directions(kept('ten_convnet'))))}

def mean_digits() -> list:   # the mean 3 and the mean 7 of the training set, each float [28,28]
    "The two pictures that pixel similarity compares with"
    x, y = digit_tensors(device='cpu')
    return [mean_digit(x[y[:, 0] == c].view(-1, 28, 28)) for c in (1, 0)]

def book_models() -> dict:   # name to model, on the CPU; each takes [n,784] and gives scores [n,1]
    "The models of 3 and 7 but for resnet18, trained now; `linear_learner` is `linear`"
    models = dict(linear=train_linear(), simple_net=train_simple_net())
    return dict(pixel_similarity=PixelSimilarity(*mean_digits())) | {
        name: model.cpu().eval() for name, model in models.items()}

def saved(name, digest='') -> Path:
    "Where the numbers of a model are kept: beside fastai's own models"
    return fastai_folder('model')/f'mnist_fundamentals-{package_version()}{digest and "-" + digest}-{name}.pt'

def recipe_digest() -> str:
    "Eight hexadecimal digits that change when the pictures or any code of the lessons does"
    by_hand = {'all.py', 'cli.py', '_modidx.py', '__init__.py'}
    files = sorted(file for file in HERE.glob('*.py') if file.name not in by_hand) + [HERE/'mnist.sha256']
    return hashlib.sha256(b''.join(file.read_bytes() for file in files)).hexdigest()[:8]

def digest(numbers) -> str:   # a state_dict on the CPU
    "SHA-256 of the names and numbers of a model"
    whole = hashlib.sha256()
    for name, t in numbers.items(): whole.update(name.encode() + t.contiguous().numpy().tobytes())
    return whole.hexdigest()

def keep(net, path):
    "Write the numbers of a net to a file, whole or not at all"
    numbers = {name: t.detach().cpu() for name, t in net.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        torch.save(dict(numbers=numbers, digest=digest(numbers)), Path(folder)/path.name)
        os.replace(Path(folder)/path.name, path)

def load_numbers(net, path) -> bool:
    "Fill a net from a file of numbers; False if there is none that fits, which is said"
    try:
        found = torch.load(path, map_location='cpu', weights_only=True)
        if found['digest'] != digest(found['numbers']): raise ValueError('its numbers have changed')
        net.load_state_dict(found['numbers'])
    except FileNotFoundError: return False
    except Exception as error:   # a damaged file can raise nearly anything
        say(f'{path} is damaged and left aside: {one_line(error)[:100]}')
        return False
    return True

def kept(name) -> nn.Module:   # a name of KEPT
    "A trained network on the CPU: from the disk, else trained and put there"
    make, train = KEPT[name]
    path, net = saved(name, recipe_digest()), make()
    if not load_numbers(net, path):
        pick_device()            # a Problem, where it cannot be used
        say(f'Making {name}, once ...')
        net = train().cpu()
        try: keep(net, path)
        except (OSError, RuntimeError) as error: say(f'It is not kept: {one_line(error)}')
    return net.eval()

def kept_models() -> dict:   # name to model; each takes pictures [n,784], or [n,1,28,28] if it has convolutions
    "Every model of the book: first those of 3 and 7, then those of ten digits; resnet18 if there is a file"
    models = {name: kept(name) for name in KEPT if name != 'directions'}
    return {name: models.pop(name) for name in list(KEPT)[:3]} | saved_resnet18() | models

def resnet18_file() -> Path:
    "Where `saved_resnet18` looks for the weights"
    return saved('resnet18')

def saved_resnet18() -> dict:   # resnet18 under its name, on the CPU; empty if there is no file
    "resnet18 with saved weights: training it takes too long to do it at a start"
    if not resnet18_file().exists(): return {}
    net = digit_resnet18()
    return dict(resnet18=net.eval()) if load_numbers(net, resnet18_file()) else {}
