"""What the book writes by hand is what the libraries do: for any shapes, learning rates, seeds and batch sizes.

Bit for bit where both do the same operations in the same order, else within the rounding of the sums.
"""
import numpy as np, torch
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st
from torch import nn

from mnist_fundamentals.all import *
from mnist_fundamentals.book.fastai_loaders import Learner, as_dataloaders
from fastai.optimizer import SGD

few = settings(max_examples=20, deadline=None)
seeds = st.integers(0, 2**31)
rates = st.sampled_from([1., .5, .1, .03, 1e-3])

def generator(seed): return torch.Generator().manual_seed(seed)

def randn(*shape, seed, dtype=torch.float64): return torch.randn(*shape, generator=generator(seed), dtype=dtype)

def a_task(n, width, seed):
    "Inputs [n,width] and answers [n,1] of 0 or 1"
    x = randn(n, width, seed=seed, dtype=torch.float32)
    return x, (x.sum(1, keepdim=True) > 0).float()

def copied(model):
    "A model of the same kind with the same numbers"
    import copy
    return copy.deepcopy(model)

# losses and activations

@few
@given(n=st.integers(1, 50), scale=st.sampled_from([.1, 1., 10.]), seed=seeds)
def test_sigmoid_and_losses(n, scale, seed):
    a, b = scale*randn(n, seed=seed), scale*randn(n, seed=seed+1)
    assert torch.allclose(sigmoid(a), torch.sigmoid(a), rtol=1e-12, atol=1e-15)
    assert torch.allclose(mae(a, b), F.l1_loss(a, b), rtol=1e-12)
    assert torch.allclose(mse(a, b), F.mse_loss(a, b), rtol=1e-12)
    assert torch.equal(rectified_linear(1., 0., a), F.relu(a))

# gradients

def finite_differences(f, p, h=1e-6):
    "The slope of `f` at `p` for each number of `p`, from two values of `f` near by"
    slopes = torch.empty_like(p)
    for i in range(p.numel()):
        step = torch.zeros_like(p).view(-1)
        step[i] = h
        step = step.view_as(p)
        slopes.view(-1)[i] = (f(p + step) - f(p - step))/(2*h)
    return slopes

@few
@given(n=st.integers(1, 12), width=st.integers(1, 6), seed=seeds)
def test_gradients_of_the_linear_classifier(n, width, seed):
    x, y = a_task(n, width, seed)
    x, y = x.double(), y.double()
    weights, bias = (randn(*shape, seed=seed+1).requires_grad_() for shape in ((width, 1), (1,)))
    assert torch.autograd.gradcheck(lambda w, b: mnist_loss(linear1(x, w, b), y), (weights, bias))
    calc_grad(x, y, lambda x: linear1(x, weights, bias), mnist_loss)
    loss = lambda w: mnist_loss(linear1(x, w, bias.detach()), y)
    assert torch.allclose(weights.grad, finite_differences(loss, weights.detach()), atol=1e-7)

@few
@given(n=st.integers(3, 12), seed=seeds)
def test_gradients_of_the_curves(n, seed):
    t, s, params = randn(n, 1, seed=seed), randn(n, 1, seed=seed+1), randn(3, seed=seed+2).requires_grad_()
    assert torch.autograd.gradcheck(lambda p: mse(speed_curve(t, p), s), params)
    loss = lambda p: quad_mae(p, t, s)
    loss(params).backward()
    misses = (quad(*params.detach(), t) - s).abs()
    if misses.min() > 1e-3:   # away from the kinks of the absolute value
        assert torch.allclose(params.grad, finite_differences(loss, params.detach()), atol=1e-7)
    p = params.detach()
    formula = torch.stack([((quad(*p, t) - s).sign()*slope).mean() for slope in (t**2, t, torch.ones_like(t))])
    assert torch.allclose(params.grad, formula, atol=1e-12)

# optimizers and loops

@few
@given(lr=rates, steps=st.integers(0, 8), seed=seeds)
def test_gradient_descent_is_sgd(lr, steps, seed):
    target, ours = randn(5, seed=seed), randn(5, seed=seed+1).requires_grad_()
    theirs, loss = ours.detach().clone().requires_grad_(), lambda p: ((p - target)**2).mean()
    opt, losses = torch.optim.SGD([theirs], lr=lr), []
    for _ in range(steps):
        opt.zero_grad()
        losses.append(loss(theirs))
        losses[-1].backward()
        opt.step()
    assert np.allclose(gradient_descent(ours, loss, lr, steps), [l.item() for l in losses], rtol=1e-12)
    assert torch.allclose(ours, theirs, rtol=1e-12)

@few
@given(n=st.integers(2, 60), width=st.integers(1, 9), bs=st.integers(1, 70), lr=rates, hidden=st.integers(1, 6), seed=seeds)
def test_basic_optim_is_sgd_after_every_batch(n, width, bs, lr, hidden, seed):
    torch.manual_seed(seed)
    ours = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, 1))
    theirs = copied(ours)
    opt, sgd = BasicOptim(ours.parameters(), lr), torch.optim.SGD(theirs.parameters(), lr=lr)
    for xb, yb in tensor_loader(*a_task(n, width, seed), bs, shuffle=True):
        for model, o in ((ours, opt), (theirs, sgd)):
            calc_grad(xb, yb, model, mnist_loss)
            o.step()
            o.zero_grad()
        assert all(torch.equal(p, q) for p, q in zip(ours.parameters(), theirs.parameters()))

@settings(max_examples=8, deadline=None)
@given(n=st.integers(2, 60), width=st.integers(1, 9), bs=st.integers(1, 70), lr=rates, epochs=st.integers(1, 3), seed=seeds)
def test_our_loop_is_the_learners(n, width, bs, lr, epochs, seed):
    "Whole epochs, the same batches: weights bit for bit, accuracies up to the rounding of the mean"
    train, valid = a_task(n, width, seed), a_task(n, width, seed+1)
    dls = lambda: (tensor_loader(*train, bs, shuffle=True), tensor_loader(*valid, bs))
    torch.manual_seed(seed)
    ours = nn.Linear(width, 1)
    theirs = copied(ours)
    torch.manual_seed(seed)
    accuracies = train_model(ours, *dls(), BasicOptim(ours.parameters(), lr), mnist_loss, epochs)
    torch.manual_seed(seed)
    learn = Learner(as_dataloaders(dls()), theirs, loss_func=mnist_loss, opt_func=SGD, metrics=batch_accuracy)
    with learn.no_bar(), learn.no_logging(): learn.fit(epochs, lr=lr)
    assert all(torch.equal(p, q) for p, q in zip(ours.parameters(), theirs.parameters()))
    assert np.allclose([row[2] for row in learn.recorder.values], accuracies, atol=1e-6)

# networks

@few
@given(n=st.integers(1, 20), hidden=st.integers(1, 40), seed=seeds)
def test_two_layers_by_hand_are_the_sequential(n, hidden, seed):
    "Scores, and the gradient of every parameter"
    x, y = randn(n, 784, seed=seed), (randn(n, 1, seed=seed+1) > 0).double()
    net = simple_net(hidden).double()
    w1, b1, w2, b2 = (p.detach().clone().T.contiguous().requires_grad_() if p.ndim == 2 else
                      p.detach().clone().requires_grad_() for p in net.parameters())
    by_hand = (x@w1 + b1).max(torch.tensor(0.))@w2 + b2
    assert torch.allclose(by_hand, net(x), rtol=1e-10, atol=1e-12)
    mnist_loss(by_hand, y).backward()
    mnist_loss(net(x), y).backward()
    for mine, p in zip((w1, b1, w2, b2), net.parameters()):
        assert torch.allclose(mine.grad.T if p.ndim == 2 else mine.grad, p.grad, rtol=1e-8, atol=1e-12)

# fits

@few
@given(n=st.integers(6, 40), seed=seeds)
def test_a_standardised_fit_reaches_polyfit(n, seed):
    time, speed = roller_coaster(n, seed)
    t, _, _ = standardize(time.double())
    params = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    fit_curve(params, t, speed.double(), lr=.2, steps=600)
    assert np.allclose(params.detach(), np.polyfit(t, speed, 2), rtol=1e-5, atol=1e-5)

@few
@given(n=st.integers(6, 40), seed=seeds)
def test_descent_on_the_squared_error_of_quad_reaches_polyfit(n, seed):
    x = torch.linspace(-2, 2, n, dtype=torch.float64)[:, None]
    y = add_noise(quad(3., 2., 1., x), .15, 1.5, np.random.default_rng(seed))
    params = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    gradient_descent(params, lambda p: mse(quad(*p, x), y), lr=.12, steps=3000)
    assert np.allclose(params.detach(), np.polyfit(x[:, 0], y[:, 0], 2), rtol=1e-5, atol=1e-5)
