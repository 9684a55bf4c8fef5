"Exercises of chapter 1: pixel similarity"
from functools import lru_cache
import torch
from . import Exercise
from .compare import describe, numbers
from ...data import load_digits
from ...pixel_similarity import mean_digit, mnist_distance, rms_distance

@lru_cache
def mean_of(digit): return mean_digit(load_digits('train', (digit,))[0].float()/255)

@lru_cache
def distances(digits, split='valid', distance=mnist_distance):
    "The distance of each picture to the mean of each digit, [len(digits),n], and the pictures' labels"
    images, labels = load_digits(split, digits)
    return torch.stack([distance(images.float()/255, mean_of(d)) for d in digits]), labels

def right(digits, *args, nearest=torch.argmin):
    "For each digit: which of its pictures are called by its name?"
    found, labels = distances(digits, *args)
    called = torch.tensor(digits)[nearest(found, 0)]
    return [(called == labels)[labels == d] for d in digits]

def share(*rights): return torch.cat(rights).float().mean()

def balanced(*rights): return torch.stack([r.float().mean() for r in rights]).mean()

def count(*rights): return torch.cat(rights).sum()

def differences(a, b): return a[:, None] - b

def yes(*counts):
    "True so many times, then False so many times"
    return torch.tensor([True, False]).repeat_interleave(torch.tensor(counts))

def page(*pixels, ink=1.):
    "The 7 that chapter 0 drew, with ink at some more places"
    page = torch.zeros(28, 28)
    page[5:7, 8:21] = 1
    for row in range(7, 24): page[row, 21-row//2:24-row//2] = 1
    for pixel in pixels: page[pixel] = ink
    return page

def score(picture): return mnist_distance(picture, mean_of(7)) - mnist_distance(picture, mean_of(3))

RANGE = 'a pixel is not in 0..1, where 1 is full ink'
SAME = 'this is the 7 as it was'
MORE = 'more than one pixel has changed'
STILL = 'it is still called a 7: this pixel weighs too little, or pulls the wrong way'

def judge_page(answer):
    picture = numbers(answer).float()
    if picture.shape != (28, 28): return f'this is {describe(answer)}; a picture [28,28] is asked for'
    if not ((picture >= 0) & (picture <= 1)).all(): return RANGE
    changed = (picture != page()).sum()
    if changed != 1: return MORE if changed else SAME
    if score(picture) <= 0: return STILL

def pictures(n): return torch.rand(n, 28, 28, generator=torch.Generator().manual_seed(n))

EXERCISES = {
    '1': Exercise(share, {
        'that is still the mean of two accuracies, which gives both digits the same weight': balanced,
        'that is how many are right; the share is asked for': count,
        'that is the share of the wrong ones': lambda threes, sevens: 1 - share(threes, sevens),
        'the 7s are not in it': lambda threes, sevens: share(threes),
        'the right ones are divided by the number of the 7s alone':
            lambda threes, sevens: count(threes, sevens)/len(sevens)},
        cases=lambda: [(yes(10, 0), yes(9, 81)), (yes(3, 4), yes(2, 1))],
        remark='The mean of the two has its uses, and a name of its own: balanced accuracy.'),
    '2': Exercise(lambda: count(*right((3, 7), 'valid', rms_distance)), {
        'those are the 3s alone': lambda: count(*right((3, 7), 'valid', rms_distance)[:1]),
        'that is with the mean absolute difference': lambda: count(*right((3, 7))),
        'those are the wrong ones': lambda: (~torch.cat(right((3, 7), 'valid', rms_distance))).sum(),
        'those are training pictures': lambda: count(*right((3, 7), 'train', rms_distance))}, tol=1,
        remark='Squares do better here. To choose one of the two for good, compare them on held-back pictures.'),
    '3': Exercise(lambda a, b: differences(a, b).abs().mean((-1, -2)), {
        'rows and columns are exchanged: the first index should say which picture of `a`':
            lambda a, b: differences(b, a).abs().mean((-1, -2)),
        'blue and red cancel: take the sign away before the mean': lambda a, b: differences(a, b).mean((-1, -2)).abs(),
        'that is the sum over the pixels; take the mean': lambda a, b: differences(a, b).abs().sum((-1, -2)),
        'that is with squares': lambda a, b: rms_distance(a[:, None], b),
        'all of it went into one mean: name the axes': lambda a, b: differences(a, b).abs().mean()},
        cases=lambda: [(pictures(3), pictures(2)), (pictures(1), pictures(4))],
        remark='Twice broadcast: each picture of the one pile met each of the other.'),
    '4': Exercise(lambda: page((13, 13)), {
        SAME: page,
        MORE: lambda: page((13, 13), (13, 14)),
        RANGE: lambda: page((13, 13), ink=255),
        STILL: lambda: page((0, 0))}, judge=judge_page,
        remark='You see a 7 with a speck; a classifier that adds up pixels sees a 3.'),
    '5': Exercise(lambda a, b: share(*right((a, b))), {
        'that is the mean of the two accuracies; count every picture once': lambda a, b: balanced(*right((a, b))),
        'judge it on pictures that are in neither average': lambda a, b: share(*right((a, b), 'train')),
        'that is the share of the wrong ones: is the nearer average the one that gives the name?':
            lambda a, b: share(*right((a, b), nearest=torch.argmax)),
        'only the pictures of the first digit are counted': lambda a, b: share(*right((a, b))[:1])},
        cases=lambda: [(4, 9), (0, 1)], tol=6e-4,
        remark='Now try other pairs: which two digits are the hardest to tell apart?'),
    '6': Exercise(lambda: count(*right(range(10))), {
        'those are the wrong ones': lambda: (~torch.cat(right(range(10)))).sum(),
        'that is with squares': lambda: count(*right(range(10), 'valid', rms_distance)),
        'the average that is furthest away names the picture: take the smallest':
            lambda: count(*right(range(10), nearest=torch.argmax))}, tol=2,
        remark='Ten averages, and no training.'),
}
