"A picture file as grey light"
from PIL import Image, ImageOps, UnidentifiedImageError

def read_grey(path) -> Image.Image:   # of mode L
    "Any file that Pillow reads: upright, colours as greys, what is transparent on white paper"
    try:
        with Image.open(path) as image:
            image = ImageOps.exif_transpose(image)         # as the camera was held
            if image.has_transparency_data:
                paper = Image.new('RGBA', image.size, 'white')
                image = Image.alpha_composite(paper, image.convert('RGBA'))
            return image.convert('L')
    except (FileNotFoundError, IsADirectoryError, PermissionError): raise   # these say it all
    except (UnidentifiedImageError, OSError) as error:                      # OSError: cut short
        raise ValueError(f'{path} is not an image file that Pillow can read: {error}') from None
