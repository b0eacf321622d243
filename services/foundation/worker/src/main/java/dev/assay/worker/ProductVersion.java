package dev.assay.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/// The version of the product, written into the jar by the build.
public final class ProductVersion {

    private static final String TEXT = read();

    private ProductVersion() {}

    /// Such as `0.1.0`.
    public static String text() {
        return TEXT;
    }

    private static String read() {
        try (InputStream file = ProductVersion.class.getResourceAsStream("product.properties")) {
            var properties = new Properties();
            properties.load(file);
            return properties.getProperty("version");
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
