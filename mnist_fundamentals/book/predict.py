"Which digit is it? One predictor for the command, the chapters and the drawing app"
import numpy as np
import torch
from torch import Tensor, nn
from ..data import image_tensor
from ..draw import to_mnist
from ..pixel_similarity import PixelSimilarity
from ..ten_digits import NearestMean
from .console import one_line, say

def fit_digit(
    image: Tensor,   # uint8 [h,w]; 28 by 28 is taken as it is
) -> tuple:          # float32 [28,28], 0..1; what had to be done to it, a list of remarks
    "A picture as MNIST has them: light ink on dark paper, 28 by 28, centred"
    ink, done = image.numpy().astype(np.float32), []
    border = np.median(np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]]))
    if border > 127.5:
        ink, border = 255 - ink, 255 - border
        done.append('inverted, since it is dark ink on light paper')
    if np.ptp(ink) < 26: raise ValueError('blank image: there is no digit on it')
    if ink.shape == (28, 28): return torch.from_numpy(ink/255), done
    done.append(f'fitted to 28 by 28 pixels from {ink.shape[1]} by {ink.shape[0]}')
    return to_mnist(torch.from_numpy((ink - border).clip(0))), done

@torch.no_grad()
def shares(
    model,           # takes [n,784], or [n,1,28,28] if it has convolutions; gives [n,1] or [n,k]
    image,           # float [28,28], 0..1
) -> Tensor:         # float [2] or [k], which add up to 1
    "What part of its trust a model gives to each digit: one score is that of the first of two"
    weight, training = next(model.parameters()), model.training
    shape = (1, 1, 28, 28) if any(isinstance(m, nn.Conv2d) for m in model.modules()) else (1, 784)
    scores = model.eval()(image.reshape(shape).to(weight.device, weight.dtype))[0]
    model.train(training)
    if len(scores) == 1: scores = torch.cat([scores, torch.zeros_like(scores)])
    return scores.softmax(0)

def predict(
    model,           # as in `shares`
    image,           # float [28,28], 0..1
    digits=None,     # what the scores stand for; None: 0 to 9 if there are ten, else 3 and 7
) -> tuple:          # the digit; its probability, or None for a model whose scores are distances
    "What a model says about a picture"
    found = shares(model, image)
    digits = digits or (range(10) if len(found) == 10 else (3, 7))
    digit, sure = digits[found.argmax()], found.max().item()
    return digit, None if isinstance(model, (PixelSimilarity, NearestMean)) else sure

def predict_file(
    model,           # as in `predict`
    path,            # an image file that Pillow reads
    digits=None,     # as in `predict`
) -> tuple:          # the digit; its probability
    "Which digit is in the file?"
    return predict(model, fit_digit(image_tensor(path))[0], digits)

def in_words(digit, sure):
    "Such as '3 (99.9% sure)', which is the most that is said"
    return str(digit) if sure is None else f'{digit} ({min(sure, .999):.1%} sure)'

def predict_files(args):
    "The command: tell for each image which digit it is"
    from .models import kept
    pages = {}
    for path in args.image:
        try: page, done = fit_digit(image_tensor(path))
        except Exception as error:   # whatever is wrong with one file, the rest go on
            text = one_line(error)
            say(text if text.startswith(path) else f'{path}: {text}')
            continue
        for remark in done: say(f'{path}: {remark}')
        pages[path] = page
    net = kept('ten_convnet') if pages else None
    for path, page in pages.items(): print(f'{path}: {in_words(*predict(net, page))}')
    return 0 if set(pages) == set(args.image) else 1
