"Facts about the models and their training that hold for any data, and the reference figures"
import pytest, torch
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st
from torch import nn
from torch.utils.data import DataLoader

from mnist_fundamentals.all import *

few = settings(max_examples=25, deadline=None)

def random(*shape, seed=0): return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))

@pytest.fixture(scope='module')
def sample():
    "Training means, validation pictures as rows, and the answers"
    x, y = digit_tensors('train', device='cpu')
    means = [mean_digit(x[y[:, 0] == c].view(-1, 28, 28)) for c in (1, 0)]
    return (*means, *digit_tensors('valid', device='cpu'))

def test_reference_figures_of_pixel_similarity(sample):
    mean3, mean7, x, y = sample
    threes, sevens = ((images[labels == d][1].float()/255) for images, labels in [load_digits()] for d in (3, 7))
    pairs = [(threes, mean3), (sevens, mean7), (threes, mean7)]
    assert [mnist_distance(a, b).item() for a, b in pairs] == [0.11143654584884644, 0.13037648797035217, 0.15861910581588745]
    assert [rms_distance(a, b).item() for a, b in pairs] == [0.20208320021629333, 0.2584923207759857, 0.30210891366004944]
    called_3 = is_3(x.view(-1, 28, 28), mean3, mean7)
    assert called_3[y[:, 0] == 1].float().mean().item() == 0.9168316721916199
    assert (~called_3)[y[:, 0] == 0].float().mean().item() == 0.9854085445404053
    assert validate_epoch(PixelSimilarity(mean3, mean7), [(x, y)]) == pytest.approx(1939/2038)

@few
@given(seed=st.integers(0, 2**31), n=st.integers(1, 5))
def test_distances_equal_torch(seed, n):
    a, b = random(n, 28, 28, seed=seed), random(28, 28, seed=seed+1)
    for i in range(n):
        assert torch.allclose(mnist_distance(a, b)[i], F.l1_loss(a[i], b), atol=1e-6)
        assert torch.allclose(rms_distance(a, b)[i], F.mse_loss(a[i], b).sqrt(), atol=1e-6)

def test_three_steps_by_the_formula():
    "Logistic-style loss of one weight: w <- w - lr * dloss/dw, worked out by hand"
    x, y, lr = torch.tensor([[2.]]), torch.tensor([[1.]]), .5
    model = nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(.3)
    w, opt = .3, BasicOptim(model.parameters(), lr)
    for _ in range(3):
        train_epoch(model, [(x, y)], opt, mnist_loss)
        p = torch.sigmoid(torch.tensor(2*w)).item()
        w -= lr*(-p*(1-p)*2)      # loss = 1 - p, dp/dw = p(1-p)x
        assert model.weight.item() == pytest.approx(w, abs=1e-6)

@pytest.mark.parametrize('shuffle', [False, True])
def test_loader_deals_the_same_batches_as_pytorchs_own(shuffle):
    x, y = random(100, 3), torch.arange(100.)[:, None]
    torch.manual_seed(3)
    expected = list(DataLoader(list(zip(x, y)), batch_size=32, shuffle=shuffle))
    torch.manual_seed(3)
    got = list(tensor_loader(x, y, 32, shuffle))
    assert len(got) == len(expected) == 4
    assert all(torch.equal(a, c) and torch.equal(b, d) for (a, b), (c, d) in zip(got, expected))

@few
@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=6), seed=st.integers(0, 2**31))
def test_validation_counts_each_example_once(sizes, seed):
    scores, targets = random(sum(sizes), 1, seed=seed), (random(sum(sizes), 1, seed=seed+1) > 0).float()
    batches = list(zip(scores.split(sizes), targets.split(sizes)))
    assert validate_epoch(lambda x: x, batches) == pytest.approx(((scores > 0) == (targets == 1)).float().mean().item())

def test_nothing_trains_on_an_unshuffled_loader_at_first():
    "The known fault: sorted by digit, the first epoch ends with everything called a 3"
    set_seed(0)
    train, valid = digit_dls(shuffle=False, device='cpu')
    model = nn.Linear(784, 1)
    assert train_model(model, train, valid, BasicOptim(model.parameters(), 1.), mnist_loss, 1) == [pytest.approx(1010/2038)]

def test_trainings_are_repeatable_and_depend_on_the_seed():
    one, two, other = train_linear(epochs=2), train_linear(epochs=2), train_linear(epochs=2, seed=1)
    assert torch.equal(one.weight, two.weight) and not torch.equal(one.weight, other.weight)

def test_linear_reaches_the_stated_accuracy(sample):
    *_, x, y = sample
    assert validate_epoch(train_linear().cpu(), [(x, y)]) >= .982

def test_simple_net_reaches_the_stated_accuracy(sample):
    *_, x, y = sample
    assert validate_epoch(train_simple_net().cpu(), [(x, y)]) >= .982

def test_nothing_stays_behind_on_the_cpu(monkeypatch):
    "On the meta device an operation with a CPU tensor fails, as on CUDA"
    monkeypatch.setenv('MNIST_FUNDAMENTALS_DEVICE', 'meta')
    train, _ = digit_dls(bs=4096)
    for model in [nn.Linear(784, 1).to(default_device()), simple_net().to(default_device())]:
        train_epoch(model, train, BasicOptim(model.parameters(), 1.), mnist_loss)
        assert all(p.is_meta for p in model.parameters())
    weights, bias = init_params((784, 1)), init_params(1)
    xb, yb = next(iter(train))
    calc_grad(xb, yb, lambda x: linear1(x, weights, bias), mnist_loss)
    assert weights.grad.is_meta and bias.grad.is_meta
    xb, yb = next(iter(digit_image_dls(bs=2)[0]))
    assert F.cross_entropy(resnet18_learner().model(xb), yb).is_meta

@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device here')
def test_trains_on_cuda():
    for model, least in [(train_linear(), .96), (train_simple_net(), .975)]:
        assert next(model.parameters()).is_cuda
        assert validate_epoch(model, digit_dls()[1]) >= least
    learn = train_resnet18()
    assert next(learn.model.parameters()).is_cuda and learn.recorder.values[-1][2] >= .99
