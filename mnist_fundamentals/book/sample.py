"The MNIST sample as a folder of PNG files, in fastai's layout and at fastai's own place"
import os, shutil
from pathlib import Path
from filelock import FileLock
from PIL import Image
from tqdm import tqdm
from .bundle import open_bundle

FOLDERS = [(split, digit) for split in ('train', 'valid') for digit in (3, 7)]

def fastai_folder(name) -> Path:   # name: data, archive, storage or model
    "Where fastai keeps such files, worked out as fastai does, without importing fastai"
    from fastcore.xtras import Config
    home = Path(os.getenv('FASTAI_HOME', '~/.fastai'))
    create = dict(data='data', archive='archive', storage='tmp', model='models')
    return Config(home, 'config.ini', create=create).path(name)

def sample_path() -> Path:
    "Where fastai keeps its MNIST sample"
    return fastai_folder('data')/'mnist_sample'

def sample_files() -> set:   # such as 'train/3/10.png'
    "The files of the sample: 14,434 pictures and labels.csv"
    with open_bundle() as bundle:
        return {'labels.csv'} | {f'{split}/{digit}/{i}.png' for split, digit in FOLDERS
                                 for i in bundle[f'{split}_{digit}_index']}

def visible_files(path) -> set:
    "What lies in a folder, but for hidden files, which systems leave about"
    names = (p.relative_to(path).as_posix() for p in path.rglob('*') if p.is_file())
    return {name for name in names if '/.' not in f'/{name}'}

def is_complete(path): return visible_files(path) == sample_files()

def write_sample(path):
    "Write the four folders and labels.csv, with a 0 for each 3 and a 1 for each 7, into a new folder"
    rows, total = ['name,label'], len(sample_files()) - 1
    with open_bundle() as bundle, tqdm(total=total, desc='Writing the sample', disable=None,
                                       leave=False) as bar:
        for split, digit in FOLDERS:
            (path/split/str(digit)).mkdir(parents=True)
            for image, i in zip(bundle[f'{split}_{digit}'], bundle[f'{split}_{digit}_index']):
                name = f'{split}/{digit}/{i}.png'
                Image.fromarray(image).save(path/name, compress_level=1)
                rows.append(f'{name},{int(digit == 7)}')
                bar.update()
    (path/'labels.csv').write_text('\n'.join(rows) + '\n', encoding='utf-8')

def mnist_sample(
    dest=None,  # the folder to make, new or empty; fastai's own place for it when None
) -> Path:      # the folder, with train/3, train/7, valid/3, valid/7 and labels.csv
    """MNIST's 3s and 7s as PNG files in fastai's layout, named by their place in the original.

    The files are written to a folder beside `dest`, which gets its name only when it is complete."""
    dest = (sample_path() if dest is None else Path(dest)).absolute()
    if dest.is_file(): raise FileExistsError(f'{dest} is a file; name a new or an empty folder')
    if is_complete(dest): return dest
    dest.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(dest.with_name(f'.{dest.name}.lock')):   # one process writes, the others wait
        if is_complete(dest): return dest
        if visible_files(dest) - sample_files():
            raise FileExistsError(f'{dest} holds other files; name a new or an empty folder')
        new = dest.with_name(f'.{dest.name}.new')
        shutil.rmtree(new, ignore_errors=True)             # left behind by a process that was killed
        write_sample(new)
        if dest.exists(): shutil.rmtree(dest)              # empty, or an interrupted copy
        os.replace(new, dest)
    return dest
