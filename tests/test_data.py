"The bundle is the genuine MNIST, and so is the folder made from it, whatever goes wrong meanwhile"
import hashlib, json, os, re, shutil, subprocess, sys, time
import numpy as np, pytest, torch
from conftest import ROOT
from PIL import Image

from mnist_fundamentals.book import bundle as bundled
from mnist_fundamentals.book.bundle import damaged_arrays
from mnist_fundamentals.book.sample import mnist_sample
from mnist_fundamentals.data import *

sys.path.insert(0, str(ROOT/'tools'))
import build_data

FOLDERS = [f'{split}/{digit}' for split in ('train', 'valid') for digit in (3, 7)]

@pytest.fixture(scope='module')
def bundle():
    with np.load(ROOT/'mnist_fundamentals'/'mnist.npz', allow_pickle=False) as b: return dict(b)

@pytest.fixture(scope='module')
def sample(tmp_path_factory): return mnist_sample(tmp_path_factory.mktemp('data')/'mnist_sample')

@pytest.fixture
def copy(sample, tmp_path):
    "The sample again, of hard links: a test may remove and add files, not write to one"
    return shutil.copytree(sample, tmp_path/'mnist_sample', copy_function=os.link)

@pytest.fixture
def part(sample, tmp_path):
    "A few files of the sample, as an interrupted copy leaves them"
    for name in ['train/3/10000.png', 'train/7/10002.png']:
        (tmp_path/'mnist_sample'/name).parent.mkdir(parents=True)
        shutil.copy(sample/name, tmp_path/'mnist_sample'/name)
    return tmp_path/'mnist_sample'

def contents(folder):
    "Name to bytes of every file below a folder"
    return {p.relative_to(folder).as_posix(): p.read_bytes()
            for p in folder.rglob('*') if p.is_file()}

def visible(folder):
    "Names in a folder, but for the hidden lock"
    return [p.name for p in folder.iterdir() if p.name != '.mnist_sample.lock' and p.name != '.place.lock']

def original(bundle, split):
    "The original arrays, images and labels, put together again"
    total = sum(len(bundle[f'{split}_{d}']) for d in range(10))
    images, labels = np.zeros((total, 28, 28), np.uint8), np.full(total, 255, np.uint8)
    for d in range(10):
        images[bundle[f'{split}_{d}_index']] = bundle[f'{split}_{d}']
        labels[bundle[f'{split}_{d}_index']] = d
    return images, labels

# The bundle

@pytest.mark.parametrize('split', ['train', 'valid'])
def test_bundle_is_the_original_files(bundle, split):
    "Regrouped back, with the IDX header before it, each array has the original file's digest"
    for array, kind in zip(original(bundle, split), ('images-idx3', 'labels-idx1')):
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, '>u4').tobytes()
        digest = hashlib.sha256(header + array.tobytes()).hexdigest()
        assert digest == build_data.SHA256[f'{build_data.SPLITS[split]}-{kind}-ubyte']

def test_every_array_has_its_digest(bundle):
    lines = (ROOT/'mnist_fundamentals'/'mnist.sha256').read_text(encoding='utf-8').splitlines()
    assert [line.split()[1] for line in lines] == list(bundle) and len(bundle) == 40
    assert damaged_arrays() == []

def test_damage_is_found(bundle, tmp_path, monkeypatch):
    wrong = {**bundle, 'valid_7': bundle['valid_7'].copy()}
    wrong['valid_7'][0, 0, 0] ^= 1
    np.savez(tmp_path/'mnist.npz', **wrong)
    shutil.copy(ROOT/'mnist_fundamentals'/'mnist.sha256', tmp_path)
    monkeypatch.setattr(bundled, 'HERE', tmp_path)
    assert damaged_arrays() == ['valid_7']

def test_nothing_unpickles():
    unsafe = r'allow_pickle\s*=\s*True|weights_only\s*=\s*False|import\s+pickle|from\s+pickle\s+import\s+(?!UnpicklingError\b)'
    files = [p for folder in ('mnist_fundamentals', 'nbs', 'tests', 'tools', 'benchmarks', 'studies', 'docs')
             for p in (ROOT/folder).rglob('*') if p.suffix in ('.py', '.ipynb')]
    assert len(files) > 10
    assert [p.name for p in files if re.search(unsafe, p.read_text(encoding='utf-8'))] == []

# load_digits

@pytest.mark.parametrize('split', ['train', 'valid'])
@pytest.mark.parametrize('digits', [(3, 7), (7, 3), range(10), (np.int64(5),)], ids=str)
def test_load_digits_is_in_the_order_of_the_file_names(bundle, split, digits):
    images, labels = load_digits(split, digits)
    source_images, source_labels = original(bundle, split)
    index = [i for d in digits
             for i in sorted(np.flatnonzero(source_labels == d), key='{}.png'.format)]
    assert (images.dtype, labels.dtype) == (torch.uint8, torch.int64)
    assert torch.equal(images, torch.from_numpy(source_images[index]))
    assert torch.equal(labels, torch.from_numpy(source_labels[index]).long())

def test_load_digits_starts_with_the_3s_and_7s_of_training():
    images, labels = load_digits()
    assert images.shape == (12396, 28, 28)
    assert torch.equal(labels, torch.tensor([3]*6131 + [7]*6265))

def test_load_digits_is_quick():
    load_digits('valid')
    start = time.perf_counter()
    load_digits('train', (1,))   # the most frequent
    assert time.perf_counter() - start < .5

def test_load_digits_gives_a_copy():
    load_digits('valid', (3,))[0].zero_()
    assert load_digits('valid', (3,))[0].any()

# The folder

@pytest.mark.parametrize('split', ['train', 'valid'])
@pytest.mark.parametrize('digits', [(3, 7), (7, 3)], ids=str)
def test_folder_is_the_bundle_pixel_for_pixel(sample, split, digits):
    files = [f for d in digits for f in sorted((sample/split/str(d)).iterdir())]
    pictures = []
    for f in files:
        with Image.open(f) as image:
            assert image.mode == 'L' and image.format == 'PNG'
            pictures.append(np.array(image))
    images, labels = load_digits(split, digits)
    assert np.array_equal(np.stack(pictures), images.numpy())
    assert [int(f.parent.name) for f in files] == labels.tolist()

def test_folder_layout(sample, bundle):
    assert sorted(p.name for p in sample.iterdir()) == ['labels.csv', 'train', 'valid']
    assert sorted(p.relative_to(sample).as_posix() for p in sample.glob('*/*')) == FOLDERS
    for folder in FOLDERS:
        index = bundle[folder.replace('/', '_') + '_index']
        assert {p.name for p in (sample/folder).iterdir()} == {f'{i}.png' for i in index}

def test_a_file_is_named_by_its_place_in_the_original(sample, bundle):
    for folder in FOLDERS:
        images, labels = original(bundle, folder[:5])
        for path in sorted((sample/folder).iterdir())[::50]:
            place = int(path.stem)
            with Image.open(path) as image: assert np.array_equal(np.array(image), images[place])
            assert labels[place] == int(path.parent.name)

def test_labels_csv_says_what_the_folders_say(sample):
    header, *rows = (sample/'labels.csv').read_text(encoding='utf-8').splitlines()
    assert header == 'name,label'
    label = {'3': '0', '7': '1'}
    found = {p.relative_to(sample).as_posix(): label[p.parent.name]
             for p in sample.glob('*/*/*.png')}
    assert len(rows) == len(found) == 14434 and dict(row.split(',') for row in rows) == found

def test_a_complete_folder_is_left_alone(copy):
    before = {p: p.stat().st_mtime_ns for p in copy.rglob('*')}
    assert mnist_sample(copy) == copy
    assert {p: p.stat().st_mtime_ns for p in copy.rglob('*')} == before

def test_an_empty_folder_is_filled_with_the_same_bytes(sample, tmp_path):
    (tmp_path/'new'/'place').mkdir(parents=True)
    assert contents(mnist_sample(tmp_path/'new'/'place')) == contents(sample)
    assert visible(tmp_path/'new') == ['place']

# What may go wrong

def run_python(code, *args, **env):
    "A Python process, started; its output is in pipes"
    clean = {k: v for k, v in os.environ.items() if k != 'FASTAI_HOME'}
    command = [sys.executable, '-c', code, *map(str, args)]
    return subprocess.Popen(command, cwd=ROOT, env=clean | env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

def finish(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out

MAKE = '''
import sys
from mnist_fundamentals.data import mnist_sample
print(mnist_sample(sys.argv[1]))
'''

NO_NETWORK = '''
import json, socket
def refuse(*args, **kwargs): raise OSError('the network is blocked')
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from mnist_fundamentals.data import mnist_sample
ours = mnist_sample()
from fastai.data.external import URLs, untar_data
fastais = untar_data(URLs.MNIST_SAMPLE)
try: untar_data(URLs.MNIST_TINY)
except Exception: blocked = True
else: blocked = False
print()
print(json.dumps([str(ours), str(fastais), blocked]))
'''

def test_fastai_finds_the_sample_without_a_network(sample, tmp_path):
    out = finish(run_python(NO_NETWORK, HOME=str(tmp_path), USERPROFILE=str(tmp_path)))
    path = tmp_path/'.fastai'/'data'/'mnist_sample'
    assert json.loads(out.splitlines()[-1]) == [str(path), str(path), True]
    assert contents(path) == contents(sample)

def test_fastais_own_variable_names_the_place(tmp_path):
    code = 'from mnist_fundamentals.book.sample import sample_path; print(sample_path())'
    path = finish(run_python(code, FASTAI_HOME=str(tmp_path))).strip()
    assert path == str(tmp_path/'data'/'mnist_sample')

def test_two_processes_at_once(sample, tmp_path):
    dest = tmp_path/'mnist_sample'
    both = [run_python(MAKE, dest) for _ in range(2)]
    assert [finish(p).strip() for p in both] == [str(dest)]*2
    assert contents(dest) == contents(sample)
    assert visible(tmp_path) == ['mnist_sample']

def test_a_killed_process_leaves_nothing_under_the_final_name(sample, tmp_path):
    dest = tmp_path/'mnist_sample'
    process = run_python(MAKE, dest)
    while not any(tmp_path.glob('.mnist_sample.new/train/7/*')):   # half-way
        assert process.poll() is None, process.communicate()
        time.sleep(.01)
    process.kill()
    process.communicate()
    assert not dest.exists()
    assert contents(mnist_sample(dest)) == contents(sample) and visible(tmp_path) == ['mnist_sample']

@pytest.mark.parametrize('lost', ['train/3/10000.png', 'labels.csv'])
def test_a_folder_that_lacks_one_file_is_completed(sample, copy, lost):
    (copy/lost).unlink()
    assert mnist_sample(copy) == copy
    assert contents(copy) == contents(sample)

def test_a_folder_of_a_few_files_is_completed(sample, part):
    assert mnist_sample(part) == part
    assert contents(part) == contents(sample)
    assert visible(part.parent) == ['mnist_sample']

@pytest.mark.parametrize('foreign', ['thesis.txt', 'train/3/mine.png', 'train/cats/1.png',
                                     'valid/notes.txt'])
def test_a_folder_with_foreign_files_is_refused_and_untouched(part, foreign):
    (part/foreign).parent.mkdir(parents=True, exist_ok=True)
    (part/foreign).write_text('mine')
    before = contents(part)
    with pytest.raises(FileExistsError, match='name a new or an empty folder'): mnist_sample(part)
    assert contents(part) == before
    assert visible(part.parent) == ['mnist_sample']

def test_a_foreign_file_in_a_complete_folder_is_not_lost(copy):
    (copy/'train'/'3'/'mine.png').write_text('mine')
    try: mnist_sample(copy)
    except FileExistsError: pass
    assert (copy/'train'/'3'/'mine.png').read_text() == 'mine'

# Pictures from elsewhere

def test_transparent_paper_is_white_and_a_photo_stands_upright(tmp_path):
    drawing = Image.new('RGBA', (3, 2), (0, 0, 0, 0))
    drawing.putpixel((0, 0), (0, 0, 0, 255))
    drawing.save(tmp_path/'ink.png')
    assert image_tensor(tmp_path/'ink.png').tolist() == [[0, 255, 255], [255, 255, 255]]
    photo, exif = Image.new('L', (3, 2)), Image.Exif()
    exif[0x0112] = 6    # the camera was turned
    photo.save(tmp_path/'turned.png', exif=exif)
    assert image_tensor(tmp_path/'turned.png').shape == (3, 2)
