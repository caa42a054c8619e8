/**
 * The operations of keras/src/ops/image.py, by class name: which function of `ops` each is, the arguments of
 * its call, then those of its constructor (what a config holds). Names with "?" go into the function's options.
 */

export const imageOperations = {
  AffineTransform: 'affineTransform(images|image, transform; interpolation?, fill_mode?, fill_value?, data_format?)',
  CropImages:
    'cropImages(images; top_cropping, left_cropping, bottom_cropping, right_cropping, target_height, target_width, data_format?)',
  ElasticTransform:
    'elasticTransform(images; alpha?, sigma?, interpolation?, fill_mode?, fill_value?, seed?, data_format?)',
  ExtractPatches: 'extractPatches(images|image; size, strides?, dilation_rate?, padding?, data_format?)',
  ExtractPatches3D: 'extractPatches3D(volumes; size, strides?, dilation_rate?, padding?, data_format?)',
  GaussianBlur: 'gaussianBlur(images; kernel_size?, sigma?, data_format?)',
  HSVToRGB: 'hsvToRgb(images; data_format?)',
  MapCoordinates: 'mapCoordinates(inputs|image, coordinates; order, fill_mode?, fill_value?)',
  PadImages:
    'padImages(images; top_padding?, bottom_padding?, left_padding?, right_padding?, target_height?, target_width?, data_format?)',
  PerspectiveTransform:
    'perspectiveTransform(images, start_points, end_points; interpolation?, fill_value?, data_format?)',
  RGBToGrayscale: 'rgbToGrayscale(images|image; data_format?)',
  RGBToHSV: 'rgbToHsv(images; data_format?)',
  SSIM: 'ssim(image1, image2; max_val?, filter_size?, filter_sigma?, k1?, k2?, data_format?)',
  ScaleAndTranslate: 'scaleAndTranslate(images, output_shape, scale, translation; spatial_dims, method, antialias?)',
  SobelEdges: 'sobelEdges(images; data_format?)',
} as const;
