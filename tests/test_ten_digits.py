"Softmax and cross entropy equal torch's; the ten-digit models, their loaders and their confusion matrix"
import math
import pytest, torch
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn
from mnist_fundamentals.all import *
from mnist_fundamentals.ten_digits import conv_block

SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 12))
TYPES = {torch.float32: ('float32', 1e-5), torch.float64: ('float64', 1e-12)}

@st.composite
def cases(draw):
    "Scores float32 or float64 [n,k] up to 1e4 in size, extreme ones and equal ones among them, and targets"
    dtype = draw(st.sampled_from(list(TYPES)))
    shape = draw(SHAPES)
    width = 32 if dtype == torch.float32 else 64
    numbers = st.one_of(st.sampled_from([0., 100., -100., 1e4, -1e4]), st.floats(-50, 50, width=width))
    scores = torch.from_numpy(draw(arrays(TYPES[dtype][0], shape, elements=numbers)))
    targets = draw(st.lists(st.integers(0, shape[1] - 1), min_size=shape[0], max_size=shape[0]))
    return scores, torch.tensor(targets)

def with_gradient(function, scores):
    scores = scores.clone().requires_grad_()
    value = function(scores)
    value.backward()
    return value.detach(), scores.grad

@settings(max_examples=500, deadline=None)
@given(cases())
def test_softmax_and_cross_entropy_equal_torch(case):
    scores, targets = case
    tol = dict(rtol=TYPES[scores.dtype][1], atol=TYPES[scores.dtype][1])
    assert torch.allclose(softmax(scores), scores.softmax(1), **tol)
    mine, theirs = (with_gradient(lambda s: f(s, targets), scores) for f in (cross_entropy, F.cross_entropy))
    assert mine[0].isfinite() and all(torch.allclose(a, b, **tol) for a, b in zip(mine, theirs))
    mix = torch.linspace(-1, 2, scores.numel(), dtype=scores.dtype).view_as(scores)
    a, b = (with_gradient(lambda s: (f(s)*mix).sum(), scores)[1] for f in (softmax, lambda s: s.softmax(1)))
    assert torch.allclose(a, b, **tol)

@given(st.integers(2, 1000))
def test_to_know_nothing_costs_the_logarithm_of_the_number_of_classes(k):
    assert cross_entropy(torch.zeros(3, k), torch.tensor([0, 1, k - 1])).item() == pytest.approx(math.log(k), rel=1e-5)

@pytest.mark.parametrize('scores, targets, error, said', [
    (torch.ones(2, 3), torch.tensor([0, 3]), ValueError, 'targets must be 0 to 2, got 0 to 3'),
    (torch.ones(2, 3), torch.tensor([-1, 0]), ValueError, 'targets must be 0 to 2, got -1 to 0'),
    (torch.ones(2, 3), torch.tensor([0., 1.]), TypeError, 'targets must be int64, got torch.float32'),
    (torch.ones(2, 3), torch.tensor([0]), ValueError, 'equally long'),
    (torch.ones(3), torch.tensor([0]), ValueError, 'scores must be [n,k]'),
    (torch.ones(2, 3).long(), torch.tensor([0, 1]), TypeError, 'scores must be floating-point')])
def test_what_is_refused(scores, targets, error, said):
    for function in (cross_entropy, class_accuracy):
        with pytest.raises(error) as raised: function(scores, targets)
        assert said in str(raised.value)

def test_accuracy_counts_the_highest_score():
    scores = torch.tensor([[1., 3., 2.], [5., 4., 0.], [0., 0., 1.]])
    assert class_accuracy(scores, torch.tensor([1, 1, 2])).item() == pytest.approx(2/3)

def test_loaders_of_more_than_two_digits_give_places():
    _, valid = digit_dls((8, 1, 5), device='cpu')
    x, y = valid.dataset.tensors
    images, labels = load_digits('valid', (8, 1, 5))
    assert x.shape == (len(y), 784) and y.dtype == torch.int64
    assert torch.equal(torch.tensor([8, 1, 5])[y], labels) and torch.equal(x*255, images.float().view(-1, 784))

def test_the_same_loop_with_another_metric_by_the_formula():
    "Two steps of plain descent on cross entropy: each weight falls by the rate times (share - truth) x pixel"
    x, y, lr = torch.tensor([[1., 2.], [0., -1.]]), torch.tensor([2, 0]), .3
    model = nn.Linear(2, 3)
    w, b = model.weight.detach().clone(), model.bias.detach().clone()
    for _ in range(2):
        measured = train_model(model, [(x, y)], [(x, y)], BasicOptim(model.parameters(), lr), cross_entropy, 1, class_accuracy)
        d = ((x@w.T + b).softmax(1) - F.one_hot(y, 3))/2
        w, b = w - lr*d.T@x, b - lr*d.sum(0)
        assert torch.allclose(model.weight, w, atol=1e-6) and torch.allclose(model.bias, b, atol=1e-6)
        assert measured == [pytest.approx(((x@w.T + b).argmax(1) == y).float().mean().item())]

def test_nearest_mean_scores_are_distances():
    means = torch.rand(10, 784)
    x = torch.rand(5, 1, 28, 28)
    expected = torch.stack([-(((x.view(5, 784) - m)**2).sum(1).sqrt()) for m in means], dim=1)
    assert torch.allclose(NearestMean(means)(x), expected, atol=1e-4)
    images, _ = load_digits('train', (4,))
    assert torch.allclose(digit_means(digits=(4,)), images.float().mean(0).view(1, 784)/255)

@pytest.mark.parametrize('classes', [2, 10])
def test_the_small_net_gives_a_score_a_class(classes):
    net = digit_convnet(classes)
    assert net(torch.rand(3, 1, 28, 28)).shape == (3, classes)
    assert count_parameters(net) == 400 + 32*9*16 + 64*9*32 + 2*(16 + 32 + 64) + 577*classes

def test_confusion_counts_pairs_and_leaves_the_model_as_it_was():
    class Knows(nn.Module):
        "Answers as told, picture by picture"
        def __init__(self, answers):
            super().__init__()
            self.one, self.answers, self.at = nn.Parameter(torch.ones(1)), answers, 0
        def forward(self, x):
            assert x.shape[1:] == (1, 28, 28) and not self.training and 0 <= x.min() <= x.max() <= 1
            part = self.answers[self.at:self.at + len(x)]
            self.at += len(x)
            return F.one_hot(part, 3).float()
    _, labels = load_digits('valid', (2, 7, 4))
    answers = torch.randint(3, labels.shape, generator=torch.Generator().manual_seed(0))
    model = Knows(answers).train()
    table = confusion(model, (2, 7, 4))
    assert model.training and table.dtype == torch.int64 and table.shape == (3, 3)
    assert table.tolist() == [[((labels == d) & (answers == j)).sum().item() for j in range(3)] for d in (2, 7, 4)]

def test_feature_maps_are_what_each_relu_gives():
    net, image = digit_convnet().train(), torch.rand(28, 28)
    maps = feature_maps(net, image)
    assert net.training and [list(m.shape) for m in maps] == [[16, 14, 14], [32, 14, 14], [64, 7, 7]]
    with torch.no_grad(): assert torch.allclose(maps[0], net.eval()[:3](image[None, None])[0], atol=1e-6)

def test_trainings_repeat_and_leave_nothing_on_the_cpu(monkeypatch):
    monkeypatch.setenv('MNIST_FUNDAMENTALS_DEVICE', 'meta')
    train, _ = digit_dls(range(10), bs=30_000)
    for make in (ten_linear, ten_simple_net):
        model = make().to('meta')
        train_epoch(model, train, BasicOptim(model.parameters(), .1), F.cross_entropy)
        assert all(p.is_meta for p in model.parameters())
    assert all(p.is_meta for p in nn.Sequential(*conv_block(1, 2, 3)).to('meta').parameters())

@pytest.mark.slow
def test_one_epoch_of_the_small_net_is_enough():
    "Twice the same, another seed another; 0.985 on the held-back part"
    a, b, other = (train_digit_convnet(seed=seed, held_back=True, device='cpu') for seed in (0, 0, 1))
    assert all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values()))
    assert not torch.equal(a[-1].weight, other[-1].weight)
    _, held = digit_image_dls(range(10), held_back=True, device='cpu')
    assert min(validate_epoch(net, held, class_accuracy) for net in (a, other)) >= .98
