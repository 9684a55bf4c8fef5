"A Learner over our loaders trains as our own loop does, and is a whole Learner"
import time
from functools import partial
# first, since it imports fastai without its warnings
from mnist_fundamentals.book.fastai_loaders import Learner, TensorDL, as_dataloaders
import matplotlib.pyplot as plt
import pytest, torch
import torch.nn.functional as F
from fastai.callback.progress import ShowGraphCallback
from fastai.data.core import DataLoaders, TfmdDL
from fastai.interpret import Interpretation
from fastai.learner import load_learner
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import accuracy
from fastai.optimizer import SGD, OptimWrapper
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from mnist_fundamentals.book.loaders import tensor_loader

def distance(scores, targets): return (scores.sigmoid() - targets).abs().mean()

def row_data(n):
    x = torch.rand(n, 784)
    return x, (x[:, :392].sum(1) > x[:, 392:].sum(1)).float()[:, None]

def picture_data(n): return torch.rand(n, 1, 28, 28), torch.arange(n) % 3

KINDS = {
    'rows': (row_data, lambda: nn.Linear(784, 1), distance),
    'pictures': (picture_data, lambda: nn.Sequential(nn.Conv2d(1, 2, 5, 4), nn.ReLU(),
        nn.Flatten(), nn.Linear(2*6*6, 3)), F.cross_entropy)}

def parts(kind, n=150, bs=32):
    "The two torch loaders, the model and the loss"
    torch.manual_seed(0)
    data, model, loss = KINDS[kind]
    loaders = tensor_loader(*data(n), bs, shuffle=True), tensor_loader(*data(70), 2*bs)
    return loaders, model(), loss

@pytest.fixture(params=KINDS)
def learn(request, tmp_path):
    plt.close('all')
    loaders, model, loss = parts(request.param)
    return Learner(as_dataloaders(loaders), model, loss, opt_func=SGD, lr=0.1, path=tmp_path)

def valid(learn): return learn.dls.valid_ds.tensors

def scores(learn):
    with torch.no_grad(): return learn.model.eval()(valid(learn)[0])

def pixels(fig):
    "The pictures in a figure, one for each of its axes that has one"
    return [ax.images[0].get_array() for ax in fig.axes if ax.images]

@pytest.mark.parametrize('kind', KINDS)
def test_fit_equals_our_own_loop_bit_for_bit(kind):
    (train, valid), model, loss = parts(kind)
    torch.manual_seed(1)
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        for xb, yb in train:
            loss(model(xb), yb).backward()
            opt.step()
            opt.zero_grad()
        with torch.no_grad(): losses = [loss(model(xb), yb) for xb, yb in valid]
    state = torch.get_rng_state()

    loaders, fastais, loss = parts(kind)
    learn = Learner(as_dataloaders(loaders), fastais, loss, opt_func=SGD, lr=0.1)
    torch.manual_seed(1)
    with learn.no_logging(): learn.fit(3)
    assert torch.equal(torch.get_rng_state(), state)
    for p, q in zip(model.parameters(), fastais.parameters()): assert torch.equal(p, q)
    mean = (64*losses[0] + 6*losses[1])/70
    assert learn.recorder.values[-1][1] == pytest.approx(mean.item())

@pytest.mark.parametrize('shuffle', [True, False])
@pytest.mark.parametrize('n', [0, 1, 64, 70])
def test_batches_are_those_of_the_torch_loader(n, shuffle):
    ours = tensor_loader(*picture_data(n), 32, shuffle)
    dl = as_dataloaders((ours, ours)).train
    def epochs(loader):
        torch.manual_seed(0)
        return [list(loader) for _ in range(2)], torch.get_rng_state()
    (a, a_state), (b, b_state) = epochs(ours), epochs(dl)
    assert torch.equal(a_state, b_state) and len(dl) == len(ours) == len(a[0]) and dl.n == n
    for p, q in zip(sum(a, []), sum(b, []), strict=True):
        assert type(q) is tuple and all(type(o) is torch.Tensor for o in q)
        assert all(torch.equal(*o) for o in zip(p, q, strict=True))

def test_other_loaders_pass_through():
    (train, valid), *_ = parts('rows')
    dls = as_dataloaders((train, valid))
    assert type(dls) is DataLoaders and as_dataloaders(dls) is dls
    plain = DataLoader(TensorDataset(*train.dataset.tensors), 32, shuffle=True)
    lists = [(torch.zeros(1), torch.zeros(1))]
    mixed = as_dataloaders((plain, valid))
    assert mixed.train is plain and type(mixed.valid) is TensorDL
    assert as_dataloaders((plain, lists)).valid is lists
    assert as_dataloaders([TfmdDL([1, 2], bs=1)]*2).train.bs == 1

def test_loaders(learn):
    dls = learn.dls
    assert (dls.bs, dls.train.n, len(dls.train)) == (32, 150, 5)
    assert (dls.valid.bs, dls.valid.n, len(dls.valid)) == (64, 70, 2)
    assert dls.n_inp == 1 and dls.device == torch.device('cpu')
    x, y = valid(learn)
    assert torch.equal(dls.valid_ds[0][0], x[0]) and torch.equal(dls.valid_ds[0][1], y[0])
    assert len(dls.train_ds[0]) == 2 and len(dls.train_ds) == 150
    xb, yb = dls.one_batch()
    assert xb.shape == (32, *x.shape[1:]) and len(yb) == 32
    assert torch.equal(dls.valid.one_batch()[0], x[:64])
    other = dls.train.new(bs=50, shuffle=False)
    assert other.bs == 50 and len(other) == 3 and dls.bs == 32
    assert torch.equal(torch.cat([xb for xb, _ in other]), dls.train_ds.tensors[0])
    assert [len(xb) for xb, _ in dls.train.new(drop_last=True)] == [32]*4

def test_training(learn):
    learn.metrics = [distance] if valid(learn)[1].is_floating_point() else [accuracy]
    before = learn.validate(ds_idx=0)
    learn.fit_one_cycle(2, 0.2, cbs=ShowGraphCallback())
    assert learn.validate(ds_idx=0)[0] < before[0]
    after = learn.validate()
    assert len(after) == 2
    loss = learn.loss_func(scores(learn), valid(learn)[1])
    assert after[0] == pytest.approx(loss.item(), rel=1e-5)
    weights = [p.clone() for p in learn.model.parameters()]
    assert 1e-7 < learn.lr_find(num_it=20).valley < 10
    assert all(torch.equal(p, q) for p, q in zip(weights, learn.model.parameters()))

def test_summary(learn):
    text = str(learn.summary())
    assert 'Total params: 785' in text or 'Total params: 271' in text

def test_predictions(learn):
    learn.fit(1)
    x, y = valid(learn)
    preds, targets = learn.get_preds()
    torch.testing.assert_close(preds, scores(learn))
    assert torch.equal(targets, y)
    for test in x, list(x), list(zip(x, y)), x.numpy():
        assert torch.equal(learn.get_preds(dl=learn.dls.test_dl(test))[0], preds)
    preds, targets = learn.get_preds(ds_idx=0)
    assert torch.equal(targets, learn.dls.train_ds.tensors[1])
    again = learn.get_preds(dl=learn.dls.train)   # shuffled, then put into the order of the rows
    assert torch.equal(again[1], targets)
    torch.testing.assert_close(again[0], preds)
    inputs, *_ = learn.get_preds(with_input=True)
    assert torch.equal(inputs, x)

def test_predict(learn):
    x, y = valid(learn)
    for item in x[3], x[3].numpy():
        answer, decoded, raw = learn.predict(item)
        torch.testing.assert_close(raw, scores(learn)[3])
        assert torch.equal(decoded, raw)
        assert answer == (raw.argmax() if len(raw) > 1 else raw)
    assert torch.equal(learn.predict(x[3], with_input=True)[0], x[3])

def test_predict_with_fastais_loss(tmp_path):
    loaders, model, _ = parts('pictures')
    learn = Learner(as_dataloaders(loaders), model, CrossEntropyLossFlat(), path=tmp_path)
    answer, decoded, probabilities = learn.predict(valid(learn)[0][3])
    assert answer == decoded == probabilities.argmax()
    assert probabilities.sum() == pytest.approx(1)
    assert len(Interpretation.from_learner(learn).top_losses(5)[0]) == 5

def test_pictures_are_drawn(learn):
    x, y = valid(learn)
    learn.dls.show_batch(max_n=6)
    assert [p.shape for p in pixels(plt.gcf())] == [(28, 28)]*6
    learn.dls.valid.show_batch(max_n=2)
    assert torch.equal(torch.tensor(pixels(plt.gcf())[1].data), x[1].view(28, 28))
    assert plt.gcf().axes[1].get_title() == f'{y[1].item():g}'
    learn.dls.show_batch(unique=True, max_n=2)
    one, other = pixels(plt.gcf())
    assert (one == other).all()

def test_rows_of_any_length_are_drawn():
    loader = tensor_loader(torch.rand(8, 10), torch.rand(8, 1), 4)
    as_dataloaders((loader, loader)).show_batch(max_n=1)
    assert [p.shape for p in pixels(plt.gcf())] == [(1, 10)]

def test_results_are_drawn(learn):
    x, y = valid(learn)
    learn.show_results(max_n=4)
    assert len(pixels(plt.gcf())) == 4
    learn.show_results(max_n=4, shuffle=False)
    answers = [row.argmax() if len(row) > 1 else row for row in scores(learn)]
    titles = [ax.get_title() for ax in plt.gcf().axes]
    assert titles == [f'{y[i].item():.3g}\n{answers[i].item():.3g}' for i in range(4)]

def test_interpretation(learn):
    x, y = valid(learn)
    interp = Interpretation.from_learner(learn)
    each = torch.stack([learn.loss_func(s, t) for s, t in zip(scores(learn).split(1), y.split(1))])
    torch.testing.assert_close(interp.losses, each)
    losses, rows, items = interp.top_losses(5, items=True)
    torch.testing.assert_close(losses, each.sort(descending=True).values[:5])
    assert torch.equal(items[0][0], x[rows[0]])
    assert learn.loss_func in (distance, F.cross_entropy)
    inputs, preds, targets, *_ = interp[rows]
    assert torch.equal(inputs, x[rows]) and torch.equal(targets, y[rows])
    interp.plot_top_losses(4)
    interp.show_results([0, 1])
    assert len(pixels(plt.gcf())) == 2

@pytest.mark.filterwarnings('ignore:load_learner')
def test_export_and_load(learn):
    if learn.loss_func is F.cross_entropy:
        learn.opt_func = partial(OptimWrapper, opt=torch.optim.AdamW)
    learn.fit(1)
    x, y = valid(learn)
    preds, _ = learn.get_preds()
    learn.export()
    assert (learn.path/'export.pkl').stat().st_size < 60_000   # no data within
    assert torch.equal(learn.get_preds()[0], preds)
    learn.fit(1)
    loaded = load_learner(learn.path/'export.pkl')
    assert type(loaded) is Learner and len(loaded.dls.train_ds) == 0
    assert torch.equal(loaded.get_preds(dl=loaded.dls.test_dl(x))[0], preds)
    torch.testing.assert_close(loaded.predict(x[3])[2], preds[3])

def test_speed_is_that_of_the_torch_loader():
    ours = tensor_loader(torch.rand(12396, 784), torch.rand(12396, 1), 256, shuffle=True)
    loaders = ours, as_dataloaders((ours, ours)).train
    def seconds(loader):
        start = time.perf_counter()
        for _ in loader: pass
        return time.perf_counter() - start
    torchs, fastais = zip(*([seconds(l) for l in loaders] for _ in range(9)))
    assert min(fastais) < 3*min(torchs)   # fastai's own loader takes ten times as long
