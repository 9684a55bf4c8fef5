"Which digit is it? One predictor for the command, the chapters and the drawing app"
import json
from copy import deepcopy
import numpy as np
import torch
from torch import Tensor, nn
from ..data import image_tensor
from ..draw import known_directions, likeness, to_mnist
from ..pixel_similarity import PixelSimilarity
from ..ten_digits import NearestMean
from .console import one_line, say

UNLIKE, RIVAL = .8, .4   # of 1: a lower likeness is doubtful, and a second share above this; chosen in chapter 12

def lies_as_mnist(
    ink,          # float [28,28], 0 where there is paper
) -> bool:
    "Is its longer side 19 or 20 pixels and its centre of mass in the centre, as with all 70,000 of MNIST?"
    lines = [np.flatnonzero(ink.any(axis)) for axis in (1, 0)]
    middle = [np.average(np.arange(28), weights=ink.sum(axis)) for axis in (1, 0)]
    return max(map(np.ptp, lines)) + 1 in (19, 20) and max(abs(m - 14) for m in middle) < .53

def fit_digit(
    image: Tensor,   # uint8 [h,w]; what lies as MNIST's digits lie is taken as it is
) -> tuple:          # float32 [28,28], 0..1; what had to be done to it, a list of remarks
    "A picture as MNIST has them: light ink on dark paper, 28 by 28, centred"
    ink, done = image.numpy().astype(np.float32), []
    border = np.median(np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]]))
    if border > 127.5:
        ink, border = 255 - ink, 255 - border
        done.append('inverted, since it is dark ink on light paper')
    if np.ptp(ink) < 26: raise ValueError('blank image: there is no digit on it')
    if ink.shape == (28, 28) and lies_as_mnist(ink): return torch.from_numpy(ink/255), done
    done.append(f'scaled and centred on 28 by 28 pixels, from {ink.shape[1]} by {ink.shape[0]}')
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

def doubt(
    net,               # `digit_convnet`, on the CPU
    image,             # float [28,28], 0..1
    known,             # of these digits, as from `known_directions`
    digits=range(10),  # what the scores stand for
):                     # a reason in words, or None
    "Why the answer of a net should not be trusted"
    names = 'digit' if len(digits) == 10 else ' or '.join(map(str, digits))
    if likeness(net, image[None], known) < UNLIKE: return f'unlike any {names} that it was trained on'
    second, place = (top[1].item() for top in shares(net, image).topk(2))
    return f'it could also be a{"n"*(digits[place] == 8)} {digits[place]}' if second > RIVAL else None

def asked_between(net, digits):   # `digit_convnet`, trained on 0 to 9; some of these
    "A copy that has a score for these digits only"
    net, digits = deepcopy(net), list(digits)
    net[-1].weight, net[-1].bias = (nn.Parameter(p.detach()[digits]) for p in (net[-1].weight, net[-1].bias))
    return net

def predict_file(
    model,           # as in `predict`
    path,            # an image file that Pillow reads
    digits=None,     # as in `predict`
) -> tuple:          # the digit; its probability
    "Which digit is in the file?"
    return predict(model, fit_digit(image_tensor(path))[0], digits)

def in_words(digit, sure, doubtful=None):
    "Such as '3 (99.9% sure)', which is the most that is said, with the reason for a doubt"
    return str(digit) if sure is None else f'{digit} ({min(sure, .999):.1%} sure{doubtful and "; doubtful: " + doubtful or ""})'

def predict_files(args):
    "The command: tell for each image which digit it is"
    from .models import kept
    pages, answers = {}, []
    for path in args.image:
        try: page, done = fit_digit(image_tensor(path))
        except Exception as error:   # whatever is wrong with one file, the rest go on
            text = one_line(error)
            say(text if text.startswith(path) else f'{path}: {text}')
            continue
        for remark in done: say(f'{path}: {remark}')
        pages[path] = page
    if pages:
        net = asked_between(kept('ten_convnet'), args.digits)
        known = kept('directions').known if len(args.digits) == 10 else known_directions(net, digits=args.digits)
    for path, page in pages.items():
        said = *predict(net, page, args.digits), doubt(net, page, known, args.digits)
        if not args.json: print(f'{path}: {in_words(*said)}')
        answers.append(dict(zip(('path', 'digit', 'sure', 'doubtful'), (path, *said))))
    if args.json: print(json.dumps(answers, indent=1))
    return 0 if set(pages) == set(args.image) else 1
