package dev.assay.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/// An image file's pixels.
///
/// @param pixels height·width·3 bytes: rows of RGB pixels
record DecodedImage(int width, int height, byte[] pixels) {

    /// The file is no image, or a damaged one.
    static final class BrokenImageException extends Exception {
        private static final long serialVersionUID = 1;

        BrokenImageException(String reason, Throwable cause) {
            super(reason, cause);
        }
    }

    /// 33 million: a file of a few bytes may claim any size, and a decoded pixel takes up to seven bytes here.
    static final long MAXIMUM_PIXELS = 1L << 25;

    /// What the JDK decodes without foreign code.
    private static final Set<String> FORMATS = Set.of("png", "jpeg", "bmp", "gif");

    /// Reads an image; its size is checked before its pixels are decoded.
    ///
    /// @throws BrokenImageException for a file that cannot be decoded, with the reason
    /// @throws IOException if the disk fails
    static DecodedImage read(Path file) throws IOException, BrokenImageException {
        // A stream, since the file may lie in an archive.
        try (var stream = Files.newInputStream(file);
                ImageInputStream in = new MemoryCacheImageInputStream(stream)) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            while (readers.hasNext()) {
                ImageReader reader = readers.next();
                if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
                    return read(reader, in);
                }
                reader.dispose();
            }
        }
        throw new BrokenImageException("it is no PNG, JPEG, BMP or GIF file", null);
    }

    DecodedImage resized(int newWidth, int newHeight) {
        return newWidth == width && newHeight == height
                ? this
                : new DecodedImage(newWidth, newHeight, AreaResize.resize(pixels, height, width, newHeight, newWidth));
    }

    private static DecodedImage read(ImageReader reader, ImageInputStream in) throws BrokenImageException {
        try {
            reader.setInput(in, true, true);
            long width = reader.getWidth(0);
            long height = reader.getHeight(0);
            if (width < 1 || height < 1 || width * height > MAXIMUM_PIXELS) {
                throw new BrokenImageException(
                        "%d x %d pixels; at most %d pixels are read".formatted(width, height, MAXIMUM_PIXELS), null);
            }
            return rgb(reader.read(0));
        } catch (IOException | RuntimeException damaged) {
            // ImageIO's decoders answer damage by almost any exception.
            throw new BrokenImageException(reason(damaged), damaged);
        } finally {
            reader.dispose();
        }
    }

    private static String reason(Exception damaged) {
        return damaged.getMessage() == null ? damaged.getClass().getSimpleName() : damaged.getMessage();
    }

    private static DecodedImage rgb(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] pixels = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                int at = 3 * (y * width + x);
                pixels[at] = (byte) (row[x] >> 16);
                pixels[at + 1] = (byte) (row[x] >> 8);
                pixels[at + 2] = (byte) row[x];
            }
        }
        return new DecodedImage(width, height, pixels);
    }
}
