"""The notebooks that train pass where sums are rounded otherwise and where SkipZeros steps aside, as on a GPU

Their asserts hold: the outputs are not compared, since figures may depend on rounding."""
import nbformat, pytest
from conftest import CHAPTERS, ROOT
from mnist_fundamentals.book.execute import execute_notebook, kernel_env

TRAIN = [p for p in CHAPTERS if p.stem in ('05_linear_classifier', '06_learner', '08_simple_net', '09_resnet18', '10_ten_digits',
                                           '11_overfitting', '12_draw')]
OTHER = dict(skip_zeros_off=dict(MNIST_FUNDAMENTALS_SKIP_ZEROS='0'), no_vectors=dict(ATEN_CPU_CAPABILITY='default'))

@pytest.mark.slow
@pytest.mark.parametrize('other', OTHER)
@pytest.mark.parametrize('path', TRAIN, ids=lambda p: p.stem)
def test_a_notebook_passes_elsewhere(path, other):
    nb = nbformat.read(path, as_version=4)
    execute_notebook(nb, env=kernel_env(MNIST_FUNDAMENTALS_DEVICE='cpu', OMP_WAIT_POLICY='passive', **OTHER[other]))
