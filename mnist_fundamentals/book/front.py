"The figure of the landing page"
from ..data import load_digits, show_images
from ..learner import train_linear
from ..pixel_similarity import mean_digit
from .style import use_book_style

def draw_first_page():
    "A 3 and a 7, the mean of each, and the weights of a linear classifier"
    use_book_style()
    threes, sevens = (load_digits('train', (digit,))[0].float()/255 for digit in (3, 7))
    weights = train_linear(epochs=10, lr=1.).weight.detach().cpu().view(28, 28)
    fig = show_images([threes[1], sevens[0], mean_digit(threes), mean_digit(sevens), weights],
                      ['a 3', 'a 7', 'the mean 3', 'the mean 7', 'learned weights'])
    fig.set_size_inches(7.5, 1.8)
    fig.axes[4].images[0].set(cmap='RdBu', clim=(-weights.abs().max(), weights.abs().max()))
