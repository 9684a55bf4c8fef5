"""This package's way, and what the chapter on speed asks of the machine.

    python benchmarks/ours.py STAGE
"""
import json, os, subprocess, sys, tempfile
from inspect import signature
from time import perf_counter
from stage import digest, main, timed

def imports():
    def load():
        from mnist_fundamentals import data, pixel_similarity, quadratic, sgd, linear_classifier
    return dict(seconds=timed(load)[1])

def data():
    from mnist_fundamentals.linear_classifier import digit_tensors
    (train, valid), seconds = timed(lambda: [digit_tensors(split, device='cpu') for split in ('train', 'valid')])
    return dict(seconds=seconds, digest=digest(train[0], valid[0]))

def pixel_similarity():
    from mnist_fundamentals.all import PixelSimilarity, digit_tensors, mean_digit, validate_epoch
    x, y = digit_tensors('train', device='cpu')
    valid = digit_tensors('valid', device='cpu')
    def similarity():
        means = [mean_digit(x[y[:, 0] == c].view(-1, 28, 28)) for c in (1, 0)]
        return validate_epoch(PixelSimilarity(*means), [valid])
    accuracy, seconds = timed(similarity)
    return dict(seconds=seconds, accuracy=accuracy)

def by_loop(model, epochs, lr):
    from mnist_fundamentals.all import BasicOptim, digit_dls, mnist_loss, train_model
    opt = BasicOptim(model.parameters(), lr)
    accuracies, seconds = timed(train_model, model, *digit_dls(), opt, mnist_loss, epochs)
    return dict(seconds=seconds, accuracy=accuracies[-1])

def by_learner(model, epochs, lr):
    from mnist_fundamentals.all import digit_dls, digit_learner
    learn = digit_learner(model, digit_dls(), lr)
    _, seconds = timed(learn.fit, epochs)
    return dict(seconds=seconds, accuracy=learn.recorder.values[-1][2])

def hand_loop():
    from torch import nn
    return by_loop(nn.Linear(28*28, 1), 20, 1.)

def learner_linear():
    from torch import nn
    return by_learner(nn.Linear(28*28, 1), 10, 1.)

def simple_net():
    from mnist_fundamentals.simple_net import simple_net
    return by_learner(simple_net(), 40, .1)

def simple_net_loop():
    from mnist_fundamentals.simple_net import simple_net
    return by_loop(simple_net(), 40, .1)

def resnet18():
    import fastai.vision.all
    from torch.random import seed
    from mnist_fundamentals.resnet import train_resnet18
    learn, seconds = timed(train_resnet18, seed=seed() % 2**32)
    return dict(seconds=seconds, accuracy=learn.recorder.values[-1][2])

def ten_digits():
    "Our small net after one cycle of one epoch: seconds from its pictures' file to the answers to all 10,000"
    from torch.random import seed
    from mnist_fundamentals.ten_digits import confusion, train_digit_convnet
    counts, seconds = timed(lambda: confusion(train_digit_convnet(seed=seed() % 2**32, device='cpu')))
    return dict(seconds=seconds, accuracy=(counts.trace()/counts.sum()).item())

def has_bfloat16():
    "Can the processor multiply bfloat16 numbers?"
    import torch
    return any(torch.cpu.get_capabilities().get(name) for name in ('amx_bf16', 'avx512_bf16'))

def ten_digits_bfloat16():
    "The same with bfloat16 products, where the processor has them"
    import torch
    if not has_bfloat16(): return {}
    with torch.autocast('cpu', torch.bfloat16, cache_enabled=False): return ten_digits()

def book():
    "`mnist-fundamentals run`: nine notebooks, each in a kernel of its own, with every figure"
    def run():
        with tempfile.TemporaryDirectory() as out:
            subprocess.run([sys.executable, '-m', 'mnist_fundamentals.cli', 'run', '--device', 'cpu',
                            '--only', '00,01,02,04,05,06,07,08,09', '--out', out], check=True)
    return dict(seconds=timed(run)[1])

def start_up():
    "What the command takes to say what it can do, and Python to do nothing"
    run = lambda *args: timed(subprocess.run, [sys.executable, *args], check=True, capture_output=True)[1]
    help = sorted(run('-m', 'mnist_fundamentals.cli', '--help') for _ in range(5))[2]
    return dict(seconds=help - sorted(run('-c', 'pass') for _ in range(5))[2])

def train_step(model, xb, yb, opt):
    import torch
    xb, yb = (t.as_subclass(torch.Tensor) for t in (xb, yb))    # fastai's batches are of its own types
    torch.nn.functional.cross_entropy(model(xb), yb).backward()
    opt.step()
    opt.zero_grad()

def seconds_a_picture(model, batches, opt, pictures):
    "Seconds a picture of training steps, the first two batches left out"
    seen = 0
    for i, (xb, yb) in enumerate(batches):
        if i == 2: start = perf_counter()
        train_step(model, xb, yb, opt)
        if i >= 2: seen += len(xb)
        if seen >= pictures: return (perf_counter() - start)/seen

def ways():
    "From the original's way to ours, one change at a time: a model, its batches and its optimizer"
    import torch
    from fastai.vision.all import Adam, ImageDataLoaders, resnet18, vision_learner
    from mnist_fundamentals.book.sample import mnist_sample
    from mnist_fundamentals.book.loaders import tensor_loader
    from mnist_fundamentals.resnet import digit_image_dls, digit_resnet18
    from mnist_fundamentals.speed import skip_zeros
    folder = ImageDataLoaders.from_folder(mnist_sample())
    one, y = digit_image_dls(device='cpu')[0].dataset.tensors
    three = one.expand(-1, 3, -1, -1).contiguous()
    net = lambda n_in: vision_learner(folder, resnet18, pretrained=False, n_in=n_in).model.train()
    last = lambda: digit_resnet18().to(memory_format=torch.channels_last)
    memory = lambda x, bs: tensor_loader(x, y, bs, shuffle=True)
    adam = lambda model: (model, Adam(list(model.parameters()), lr=1e-3))
    adamw = lambda model: (model, torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True))
    yield 'the original', folder.train, *adam(net(3))
    yield 'pictures in memory', memory(three, 64), *adam(net(3))
    yield 'one channel, not three', memory(one, 64), *adam(net(1))
    yield 'one layer as head', memory(one, 64), *adam(digit_resnet18())
    yield 'batches of 128', memory(one, 128), *adam(digit_resnet18())
    yield 'channels last', memory(one, 128), *adam(last())
    yield 'fused Adam', memory(one, 128), *adamw(last())
    yield 'no products with zero', memory(one, 128), *adamw(skip_zeros(last()))

def changes(pictures='2560'):
    "Seconds of an epoch's training steps after each change"
    return {name: seconds_a_picture(model, dl, opt, int(pictures))*12396 for name, dl, model, opt in ways()}

def profile():
    "Share of the time by operation, in the steps of the original's way and of ours"
    from mnist_fundamentals.speed import time_by_operation
    shares = {}
    for name, dl, model, opt in ways():
        if name not in ('the original', 'no products with zero'): continue
        xb, yb = next(iter(dl))
        step = lambda: [train_step(model, xb, yb, opt) for _ in range(5)]
        step()
        shares[name] = dict(list(time_by_operation(step).items())[:12])
    return shares

def share_of_limit(net, xb, yb, pictures, epoch):
    "How much of the machine's rate the training steps use, counting only products that are needed"
    import torch
    from mnist_fundamentals.speed import copy_rate, needed_products, product_rate
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, fused=True)
    forward = needed_products(net, xb)
    products = 3*sum(forward) - forward[0]       # nobody asks for the gradient by the pictures
    rates, steps = [product_rate()], []
    for _ in range(5):
        steps.append(seconds_a_picture(net.train(), [(xb, yb)]*(pictures//len(xb) + 2), opt, pictures)*len(xb))
        rates.append(product_rate())
    step, rate = sorted(steps)[2], sorted(rates)[3]
    return dict(product_rate=rate, copy_rate=copy_rate(), batch=len(xb), products=products, step=step,
                share=products/step/rate, epoch=products/len(xb)*epoch/rate)

def limit():
    "resnet18 on 3 and 7"
    from mnist_fundamentals.resnet import resnet18_learner
    learn = resnet18_learner(device='cpu')
    return share_of_limit(learn.model, *next(iter(learn.dls.train)), 1280, epoch=12396)

def ten_limit():
    "The small net on ten digits"
    from torch import channels_last
    from mnist_fundamentals.resnet import digit_image_dls
    from mnist_fundamentals.ten_digits import digit_convnet
    train, _ = digit_image_dls(range(10), device='cpu')
    return share_of_limit(digit_convnet().to(memory_format=channels_last), *next(iter(train)), 12800, epoch=60000)

def ten_ways(folder):
    "From the official example to ours, one change at a time: net, batches to train and test, optimizer, cycle?, bfloat16?"
    import official
    from torch import bfloat16, channels_last, optim
    from mnist_fundamentals.book.race import official_net
    from mnist_fundamentals.book.loaders import tensor_loader
    from mnist_fundamentals.resnet import digit_image_dls
    from mnist_fundamentals.ten_digits import digit_convnet
    parts = [dl.dataset.tensors for dl in digit_image_dls(range(10), device='cpu')]
    def memory(bs, mean=0, sd=1): return [tensor_loader((x - mean)/sd, y, n, n == bs) for (x, y), n in zip(parts, (bs, 1000))]
    adadelta = lambda net, **others: dict(net=net, opt=optim.Adadelta(net.parameters(), lr=1.), **others)
    adam = lambda net, **others: dict(net=net, opt=optim.Adam(net.parameters(), fused=True), cycle=True, **others)
    last = lambda: digit_convnet().to(memory_format=channels_last)
    yield 'the official example', adadelta(official_net(), dls=official.loaders(folder))
    yield 'pictures in memory', adadelta(official_net(), dls=memory(64, .1307, .3081))
    yield 'batches of 128', adadelta(official_net(), dls=memory(128, .1307, .3081))
    yield 'a smaller net, with batch norm', adadelta(digit_convnet(), dls=memory(128))
    yield 'channels last', adadelta(last(), dls=memory(128))
    yield 'one cycle of fused Adam', adam(last(), dls=memory(128))
    if has_bfloat16(): yield 'bfloat16', adam(last(), dls=memory(128), number=bfloat16)

def steps(net, dls, opt, cycle=False, number=None):
    "One epoch's training steps"
    import torch
    from mnist_fundamentals.ten_digits import train_digit_convnet
    peak = signature(train_digit_convnet).parameters['peak'].default
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, peak, len(dls[0])) if cycle else None
    net.train()
    for x, y in dls[0]:
        with torch.autocast('cpu', number, enabled=number is not None): loss = torch.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
        opt.zero_grad()
        if cycle: schedule.step()

def ten_changes():
    "Seconds of an epoch's training steps after each change, and the share that is right after them"
    import official, torch
    torch.seed()
    seconds, accuracies = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        official.write_files(folder)
        for name, way in ten_ways(folder):
            seconds[name] = timed(steps, **way)[1]
            accuracies[name] = official.share_right(way['net'], way['dls'][1])
    return seconds | dict(accuracies=accuracies)

def growth():
    "Seconds of an epoch by the share of the data, and milliseconds a picture by the size of a batch"
    import torch
    from mnist_fundamentals.book.loaders import tensor_loader
    from mnist_fundamentals.resnet import resnet18_learner
    learn = resnet18_learner(device='cpu')
    model, (x, y) = learn.model.train(), learn.dls.train.dataset.tensors
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    def epoch(n):
        for xb, yb in tensor_loader(x[:n], y[:n], 128, shuffle=True):
            train_step(model, xb, yb, opt)
    epoch(512)
    data = [(n, timed(epoch, n)[1]) for n in (len(x)//8, len(x)//4, len(x)//2, len(x))]
    batch = [(bs, 1e3*seconds_a_picture(model, tensor_loader(x, y, bs), opt, max(1024, 4*bs)))
             for bs in (16, 32, 64, 128, 256, 512)]
    return dict(data=data, batch=batch)

def threads():
    "Seconds of simple_net's forty epochs: one or two threads, one or two trainings at once"
    def take(programs, **env):
        runs = [subprocess.Popen([sys.executable, '-W', 'ignore', __file__, 'simple_net_loop'], text=True,
                                 stdout=subprocess.PIPE, env=os.environ | env) for _ in range(programs)]
        return max(json.loads(run.communicate()[0].splitlines()[-1])['seconds'] for run in runs)
    return {'one training, one thread': take(1, OMP_NUM_THREADS='1'),
            'one training, two threads': take(1),
            'two trainings, two threads each': take(2),
            'two trainings, and who waits sleeps': take(2, OMP_WAIT_POLICY='passive')}

def predict():
    "Milliseconds a picture on one thread, one at a time and in batches of 256, and bytes: each model of the book"
    import torch
    from functools import partial
    from statistics import median
    from timeit import repeat
    from torch import nn
    from mnist_fundamentals.all import PixelSimilarity, init_params, linear1, resnet18_learner, simple_net
    from mnist_fundamentals.book.models import mean_digits
    torch.set_num_threads(1)
    weights = [init_params((28*28, 1), device='cpu'), init_params(1, device='cpu')]
    modules = dict(pixel_similarity=PixelSimilarity(*mean_digits()), linear_learner=nn.Linear(28*28, 1),
                   simple_net=simple_net(), resnet18=resnet18_learner(device='cpu').model)
    models = modules | dict(linear=partial(linear1, weights=weights[0], bias=weights[1]))
    found = {}
    for name, model in models.items():
        kept = weights if name == 'linear' else model.eval().state_dict().values()
        shape = (1, 28, 28) if name == 'resnet18' else (28*28,)
        found[name] = dict(bytes=sum(t.numel()*t.element_size() for t in kept))
        for key, n, number in ('one', 1, 20), ('batch', 256, 1):
            x = torch.rand(n, *shape)
            with torch.no_grad(): seconds = repeat(lambda: model(x), number=number, repeat=25)
            found[name][key] = 1e3*median(seconds)/number/n
    return found

if __name__ == '__main__':
    stages = (imports, data, pixel_similarity, hand_loop, learner_linear, simple_net, simple_net_loop,
              resnet18, book, start_up, changes, profile, limit, growth, threads, predict, ten_digits,
              ten_digits_bfloat16, ten_changes, ten_limit)
    main({stage.__name__: stage for stage in stages})
