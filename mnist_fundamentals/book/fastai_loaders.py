"fastai's Learner over our tensor loaders: the same batches as our own loop, and every method works"
import inspect, math, tempfile, warnings
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset
from .loaders import Batches, Rows

with warnings.catch_warnings():   # fastai's import warns of its own use of torch.jit
    warnings.simplefilter('ignore', FutureWarning)
    import fastai.callback.hook, fastai.callback.progress, fastai.callback.schedule  # noqa: F401
    from fastai.data.core import DataLoaders, TfmdDL
    from fastai.learner import Learner as FastaiLearner
    from fastai.torch_core import TensorCategory, TensorImageBW, show_image, show_title, to_device

class Picture(TensorImageBW):
    "An input as fastai shows it: a row of 784 numbers as 28 by 28 pixels"
    def show(self, ctx=None, **kwargs):
        x, side = self.as_subclass(Tensor).squeeze(), math.isqrt(self.numel())
        if x.ndim < 2: x = x.view((side, side) if side**2 == self.numel() else (1, -1))
        x = x.numpy() if x.ndim == 2 else x
        return show_image(x, ctx=ctx, **{**self._show_args, **kwargs})

class Label(TensorCategory):
    "A target or a prediction as fastai shows it: the number"
    def show(self, ctx=None, **kwargs): return show_title(f'{self.item():.3g}', ctx=ctx, **kwargs)

class Items(Rows):
    "The tensors of a loader as fastai's dataset"
    def new_empty(self): return Items(*(t[:0].clone() for t in self.tensors))

def as_items(
    rows,      # a TensorDataset, inputs [n,...], or a list of inputs or of pairs (x, y)
) -> Items:
    "Anything that fastai may be asked to predict, as a dataset of tensors"
    if isinstance(rows, TensorDataset): return Items(*rows.tensors)
    if isinstance(rows, Tensor): return Items(rows)
    rows = [row if isinstance(row, tuple) else (row,) for row in rows]
    return Items(*(torch.stack([torch.as_tensor(o) for o in column]) for column in zip(*rows)))

class TensorDL(TfmdDL):
    "fastai's loader with the batches of `tensor_loader`, from the same random numbers"
    _n_inp, _types = 1, ()   # fastai need not draw an item to find these out
    def __init__(self, dataset, num_workers=0, **kwargs):
        super().__init__(as_items(dataset), num_workers=0, **kwargs)

    @property
    def items(self): return list(self.dataset)   # for `Interpretation`

    def get_idxs(self):
        return next(iter(Batches(self.n, self.n, self.shuffle)), torch.arange(0))

    def __iter__(self):
        self.before_iter()
        torch.empty((), dtype=torch.int64).random_()   # the seed that PyTorch's loader draws first
        order = self.get_idxs()
        if not isinstance(order, Tensor): order = torch.tensor(list(islice(order, self.n)))
        if self.drop_last: order = order[:len(self)*self.bs]
        for rows in order.split(self.bs) if len(order) else ():
            yield self.after_batch(to_device(self.dataset[rows], self.device))
        self.after_iter()

    def _retain_dl(self, b):   # before fastai shows or decodes a batch
        x, *ys = b   # y: targets, or scores, of which the highest is the class
        ys = [y.argmax(1) if y.ndim == 2 and y.shape[1] > 1 else y for y in ys]
        return Picture(x), *map(Label, ys)

    def _pre_show_batch(self, b, max_n=9):
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', FutureWarning)
            import fastai.vision.learner   # noqa: F401  (how fastai draws pictures)
        return super()._pre_show_batch(b, max_n)

class Learner(FastaiLearner):
    "fastai's Learner; its losses by example, as for `Interpretation`, work with any loss function"
    def lr_find(self, *args, **kwargs):   # fastai's, without a progress bar and without a folder left behind
        path = self.path
        with tempfile.TemporaryDirectory() as folder, self.no_bar(), self.no_logging():
            self.path = Path(folder)
            try: return super().lr_find(*args, **kwargs)
            finally: self.path = path

    @contextmanager
    def loss_not_reduced(self):
        loss = self.loss_func
        if hasattr(loss, 'reduction') or 'reduction' in inspect.signature(loss).parameters:
            with super().loss_not_reduced(): yield
            return
        self.loss_func = lambda preds, targets: torch.stack(
            [loss(p, t) for p, t in zip(preds.split(1), targets.split(1))])
        try: yield
        finally: self.loss_func = loss

def as_dataloaders(
    dls,             # (train, valid), as from `tensor_loader`, or any two loaders, or DataLoaders
) -> DataLoaders:    # what a Learner takes
    "fastai's DataLoaders over two loaders; a Learner sees the batches that our own loop sees"
    def wrap(loader):
        ours = isinstance(loader, DataLoader) and isinstance(loader.sampler, Batches)
        if not ours or not isinstance(loader.dataset, TensorDataset): return loader
        rows, order = loader.dataset, loader.sampler
        return TensorDL(rows, bs=order.bs, shuffle=order.shuffle, device=rows.tensors[0].device)
    return dls if isinstance(dls, DataLoaders) else DataLoaders(*map(wrap, dls))
