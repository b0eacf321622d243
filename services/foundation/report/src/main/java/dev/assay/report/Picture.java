package dev.assay.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/// A small image of a report with its caption.
///
/// @param png the encoded image
/// @param caption shown beneath; also what a screen reader says
public record Picture(byte[] png, String caption) {

    /// An image as models see it.
    ///
    /// @param pixels [channels, height, width] in [0,1]; values outside are clipped
    /// @param channels 1 (grey) or 3 (red, green, blue); of any other number the mean is shown as grey
    public static Picture of(float[] pixels, int channels, int height, int width, String caption) {
        if (pixels.length != channels * height * width) {
            throw new IllegalArgumentException(
                    pixels.length + " pixels for an image of " + channels + "×" + height + "×" + width);
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int area = height * width;
        for (int position = 0; position < area; position++) {
            int rgb;
            if (channels == 3) {
                rgb = level(pixels[position]) << 16
                        | level(pixels[area + position]) << 8
                        | level(pixels[2 * area + position]);
            } else {
                float sum = 0;
                for (int channel = 0; channel < channels; channel++) {
                    sum += pixels[channel * area + position];
                }
                rgb = level(sum / channels) * 0x010101;
            }
            image.setRGB(position % width, position / width, rgb);
        }
        return new Picture(encode(image), caption);
    }

    String dataUri() {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    }

    private static int level(float value) {
        return Math.round(Math.clamp(value, 0f, 1f) * 255);
    }

    private static byte[] encode(BufferedImage image) {
        ImageIO.setUseCache(false);
        try (var bytes = new ByteArrayOutputStream()) {
            if (!ImageIO.write(image, "png", bytes)) {
                throw new IllegalStateException("this Java has no PNG writer");
            }
            return bytes.toByteArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
