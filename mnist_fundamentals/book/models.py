"The book's models, trained as in their chapters, and those that are kept on disk"
import os, tempfile
from pathlib import Path
import torch
from torch import nn
from ..learner import train_linear
from ..linear_classifier import digit_tensors
from ..pixel_similarity import PixelSimilarity, mean_digit
from ..resnet import digit_resnet18
from ..simple_net import simple_net, train_simple_net
from .console import one_line, package_version, pick_device, say
from .sample import fastai_folder

def mean_digits() -> list:   # the mean 3 and the mean 7 of the training set, each float [28,28]
    "The two pictures that pixel similarity compares with"
    x, y = digit_tensors(device='cpu')
    return [mean_digit(x[y[:, 0] == c].view(-1, 28, 28)) for c in (1, 0)]

def book_models() -> dict:   # name to model, on the CPU; each takes [n,784] and gives scores [n,1]
    "The book's models but for resnet18, trained as in their chapters; `linear_learner` is `linear`"
    models = dict(linear=train_linear(), simple_net=train_simple_net())
    return dict(pixel_similarity=PixelSimilarity(*mean_digits())) | {
        name: model.cpu().eval() for name, model in models.items()}

def saved(name) -> Path:
    "Where the numbers of a model are kept: beside fastai's own models"
    return fastai_folder('model')/f'mnist_fundamentals-{package_version()}-{name}.pt'

def load_numbers(net, path) -> bool:
    "Fill a net from a file of numbers; False if there is none that fits, which is said"
    try: net.load_state_dict(torch.load(path, map_location='cpu', weights_only=True))
    except FileNotFoundError: return False
    except Exception as error:   # a damaged file can raise nearly anything
        say(f'{path} is damaged and left aside: {one_line(error)[:100]}')
        return False
    return True

def digit_net() -> nn.Module:
    "The two-layer net on the CPU: from the disk, else trained and put there"
    path, net = saved('simple_net'), simple_net()
    if not load_numbers(net, path):
        pick_device()            # a Problem, where it cannot be used
        say('Training the two-layer net, once ...')
        net = train_simple_net().cpu()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                torch.save(net.state_dict(), Path(folder)/path.name)
                os.replace(Path(folder)/path.name, path)
        except (OSError, RuntimeError) as error: say(f'The net is not kept: {one_line(error)}')
    return net.eval()

def resnet18_file() -> Path:
    "Where `saved_resnet18` looks for the weights"
    return saved('resnet18')

def saved_resnet18() -> dict:   # resnet18 under its name, on the CPU; empty if there is no file
    "resnet18 with saved weights: training it takes too long to do it at a start"
    net = digit_resnet18()
    return dict(resnet18=net.eval()) if load_numbers(net, resnet18_file()) else {}
