"Mini-batches out of tensors: what PyTorch's DataLoader deals, by one indexing a batch"
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Sampler, TensorDataset
from .checks import require_at_least

class Batches(Sampler):
    "The row numbers of each batch, int64 [b], in the order of PyTorch's `RandomSampler`"
    def __init__(self, n, bs, shuffle): self.n, self.bs, self.shuffle = n, bs, shuffle
    def __len__(self): return -(-self.n//self.bs)

    def __iter__(self):
        order = torch.arange(self.n)
        if self.shuffle:
            seed = torch.empty((), dtype=torch.int64).random_().item()
            order = torch.randperm(self.n, generator=torch.Generator().manual_seed(seed))
        if self.n: yield from order.split(self.bs)

def take(t, rows):
    "t[rows]; on the CPU by NumPy, in one thread: two would wait for each other on a busy machine"
    plain = t.device.type == 'cpu' and t.is_contiguous() and not t.requires_grad
    if not plain or t.dtype == torch.bfloat16: return t[rows.to(t.device)]
    return torch.from_numpy(t.numpy().take(rows.numpy(), axis=0))

class Rows(TensorDataset):
    "A `TensorDataset` that fetches a batch, asked for by a tensor of row numbers, at once"
    def __getitem__(self, index):
        batch = isinstance(index, Tensor) and index.ndim == 1 and index.dtype == torch.int64
        return tuple(take(t, index) for t in self.tensors) if batch else super().__getitem__(index)

def tensor_loader(
    x,               # inputs, [n,...]
    y,               # targets, [n,...]
    bs=256,          # examples a batch
    shuffle=False,   # in a new random order each epoch?
) -> DataLoader:     # gives x [b,...], y [b,...]; the last batch may be shorter
    "The batches of `DataLoader(TensorDataset(x, y), bs, shuffle)`, but by indexing the tensors"
    require_at_least(1, bs=bs)
    if len(x) != len(y):
        raise ValueError(f'x and y must be equally long, got {len(x)} and {len(y)}')
    return DataLoader(Rows(x, y), sampler=Batches(len(x), bs, shuffle), batch_size=None)
