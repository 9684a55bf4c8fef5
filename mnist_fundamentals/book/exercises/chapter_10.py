"Exercises of chapter 10: ten digits"
import math
import torch
import torch.nn.functional as F
from torch import nn
from . import Exercise
from .compare import describe, numbers, outcome_of
from ...data import load_digits
from ...resnet import digit_image_dls, train_cycle
from ...ten_digits import class_accuracy, conv_block, digit_convnet

def scores_and_targets(n=6, k=4, seed=0):
    rng = torch.Generator().manual_seed(seed)
    return 3*torch.randn(n, k, generator=rng), torch.randint(k, (n,), generator=rng)

def one_hot(targets, k): return (targets[:, None] == torch.arange(k)).float()

def gradient(scores, targets): return (scores.softmax(1) - F.one_hot(targets, scores.shape[1]))/len(scores)

def among_highest(scores, targets, k): return (scores.topk(k).indices == targets[:, None]).any(1).float().mean()

def at_place(scores, targets, k): return (scores.topk(k).indices[:, -1] == targets).float().mean()

def halves(maps, cut=True):
    n, c, h, w = maps.shape
    return maps[..., :h//2*2, :w//2*2].reshape(n, c, h//2, 2, w//2, 2)

def hardest(table):
    both = (table + table.T).triu(1)
    return divmod(both.argmax().item(), len(table))

def tables():
    "Confusion matrices whose largest field, largest mistake and largest pair of mistakes lie apart"
    rng = torch.Generator().manual_seed(1)
    for k in 5, 10:
        table = torch.randint(9, (k, k), generator=rng) + 90*torch.eye(k, dtype=torch.int64)
        table[1, 3], table[3, 1] = 20, 0
        table[2, 4], table[4, 2] = 14, 15
        yield (table,)

def small_net(): return nn.Sequential(*conv_block(1, 8, 5, stride=2), *conv_block(8, 16, 3), nn.MaxPool2d(2),
                                      *conv_block(16, 32, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32*3*3, 10))

def trained(make=small_net, batches=160):
    "A network after some batches of the training pictures"
    net, (train, _) = make(), digit_image_dls(range(10), device='cpu')
    train_cycle(net, [batch for batch, _ in zip(train, range(batches))], .02, 1)
    return net.eval()

BUDGET, LEAST = 10_000, .97

def constant_net():
    "All scores 0, so that the first digit is always the answer"
    net = nn.Sequential(nn.Flatten(), nn.Linear(28*28, 10))
    for p in net.parameters(): nn.init.zeros_(p)
    return net

def within_budget(net):
    if not isinstance(net, nn.Module): return f'this is {describe(net)}; a trained network is asked for'
    size = sum(p.numel() for p in net.parameters())
    if size > BUDGET: return f'it has {size:,} parameters, more than {BUDGET:,}'
    x, y = load_digits('valid', range(10))
    x, y = x[::5, None].float()/255, y[::5]
    device, training = next(net.parameters(), x).device, net.training
    try: scores = outcome_of(net.eval(), x.to(device))
    finally: net.train(training)
    if scores.raised: return f'given pictures [2000,1,28,28], it raises {scores.raised}: {scores.value}'
    if tuple(numbers(scores.value).shape) != (2000, 10): return f'for 2,000 pictures it gives {describe(scores.value)}; ten scores a picture are asked for'
    right = class_accuracy(scores.value.detach().float().cpu(), y).item()
    if right < .2: return f'it gets {right:.0%} right, about as many as a guess: has it been trained?'
    if right < LEAST: return f'it gets {right:.1%} right; {LEAST:.0%} are asked for'

EXERCISES = {
    '1': Exercise(lambda: -math.log(.8), {
        'that is the distance from 1, the straight line of the figure': lambda: 1 - .8,
        'a loss is 0 or more: a logarithm of a share is below 0': lambda: math.log(.8),
        'take the natural logarithm, the inverse of e^x; this is the one to the base 10': lambda: -math.log10(.8),
        'that is what the share of the nine others together would cost': lambda: -math.log(.2)},
        remark='A loss of 0.22 need not mean that all is well: it can also come from a few that are wrong and sure.'),
    '2': Exercise(one_hot, {
        'a row a target, a column a class: yours has them the other way round': lambda targets, k: one_hot(targets, k).T,
        'the classes are counted from 0': lambda targets, k: (targets[:, None] == torch.arange(1, k + 1)).float(),
        '1 and 0 are changed round': lambda targets, k: 1 - one_hot(targets, k)},
        cases=lambda: [(torch.tensor([2, 0, 1]), 4), (torch.tensor([9, 0, 3, 3]), 10)],
        remark='`F.one_hot` does the same, as whole numbers.'),
    '3': Exercise(gradient, {
        'the loss is a mean over the pictures: so each has only its part of the gradient': lambda s, t: gradient(s, t)*len(s),
        'the sign is turned: the gradient points to where the loss grows': lambda s, t: -gradient(s, t),
        'the truth is missing: 1 for the right class': lambda s, t: s.softmax(1)/len(s),
        'softmax adds up to 1 over the scores of a picture, not over the pictures': lambda s, t: (s.softmax(0) - F.one_hot(t, s.shape[1]))/len(s)},
        cases=lambda: [scores_and_targets(), scores_and_targets(3, 10, 1)]),
    '4': Exercise(among_highest, {
        'that asks whether the right class stands exactly at the k-th place': at_place,
        'those are the lowest scores': lambda s, t, k: (s.topk(k, largest=False).indices == t[:, None]).any(1).float().mean(),
        'that is the accuracy: only the highest score counts, whatever k is': lambda s, t, k: (s.argmax(1) == t).float().mean(),
        'a share is asked for, not a number of pictures': lambda s, t, k: among_highest(s, t, k)*len(s)},
        cases=lambda: [(*scores_and_targets(20, 6, seed), k) for seed, k in ((0, 2), (1, 3))],
        remark='The field calls it top-k accuracy; for a thousand classes it is often given with k = 5.'),
    '5': Exercise(lambda scores: scores.softmax(1), {
        'the rows still do not add up to 1': lambda scores: scores.softmax(0),
        'that is the logarithm of the shares': lambda scores: scores.log_softmax(1),
        'for large scores it still breaks: subtract the highest of each row first': lambda scores: scores.exp()/scores.exp().sum(1, keepdim=True)},
        cases=lambda: [(torch.tensor([[1., 2., 3.], [0., 0., 5.]]),), (torch.tensor([[200., 100., 0.]]),), (scores_and_targets(4, 4)[0],)],
        remark='With as many pictures as classes the wrong one runs without a word: try it on a square.'),
    '6': Exercise(lambda maps: halves(maps).amax((3, 5)), {
        'that is the mean of the four, not the largest': lambda maps: halves(maps).mean((3, 5)),
        'the windows overlap: each shall begin where the one before ends': lambda maps: F.max_pool2d(maps, 2, stride=1),
        'the sides have changed places': lambda maps: halves(maps).amax((3, 5)).transpose(2, 3),
        'an odd row or column at the end is left over, not kept': lambda maps: F.max_pool2d(maps, 2, ceil_mode=True)},
        cases=lambda: [(torch.rand(2, 3, 6, 8, generator=torch.Generator().manual_seed(0)),),
                       (torch.rand(1, 2, 7, 5, generator=torch.Generator().manual_seed(1)),)]),
    '7': Exercise(hardest, {
        'that is on the diagonal, where the right answers are': lambda table: divmod(table.argmax().item(), len(table)),
        'that is the largest field; a pair has two, one for each way': lambda table: tuple(sorted(divmod(
            table.clone().fill_diagonal_(0).argmax().item(), len(table)))),
        'the smaller digit comes first': lambda table: hardest(table)[::-1]},
        cases=lambda: list(tables())),
    '8': Exercise(trained, {
        'it gets 10% right, about as many as a guess: has it been trained?': constant_net,
        'it has 29,434 parameters, more than 10,000': digit_convnet,
        'for 2,000 pictures it gives a float32 tensor [2000, 2]; ten scores a picture are asked for':
            lambda: nn.Sequential(nn.Flatten(), nn.Linear(28*28, 2))},
        judge=within_budget, remark='How few parameters can you do with?'),
}
