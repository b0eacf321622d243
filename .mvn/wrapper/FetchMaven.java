import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// Unpacks the Maven distribution for `./mvnw`: `FetchMaven SOURCE SHA512 TARGET`, where SOURCE is an https
/// address or a
/// zip file. Needs nothing but a JDK. The target appears only when it is complete and its checksum was right.
class FetchMaven {
    public static void main(String[] arguments) throws Exception {
        String source = arguments[0];
        Path target = Path.of(arguments[2]);
        Files.createDirectories(target.getParent());
        Path archive = Files.createTempFile(target.getParent(), "maven", ".zip");
        Path unpacked = Files.createTempDirectory(target.getParent(), "maven");
        try {
            fetch(source, archive);
            String found = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive)));
            if (!found.equals(arguments[1])) {
                System.err.println("mvnw: " + source + " has SHA-512 " + found + ", expected " + arguments[1]
                        + "; if the version was changed on purpose, update .mvn/wrapper/maven-wrapper.properties");
                System.exit(1);
            }
            unzip(archive, unpacked);
            try {
                Files.move(unpacked, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException raced) {
                System.err.println("mvnw: another build unpacked Maven at the same time; using its copy");
            }
        } finally {
            Files.deleteIfExists(archive);
        }
    }

    private static void fetch(String source, Path archive) throws IOException, InterruptedException {
        if (!source.startsWith("http")) {
            Files.copy(Path.of(source), archive, StandardCopyOption.REPLACE_EXISTING);
            return;
        }
        var client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(Duration.ofSeconds(20))
                .build();
        int status;
        try {
            status = client.send(HttpRequest.newBuilder(URI.create(source)).build(), HttpResponse.BodyHandlers.ofFile(archive))
                    .statusCode();
        } catch (IOException unreachable) {
            System.err.println("mvnw: cannot reach " + source + " (" + unreachable
                    + "); set MVNW_REPOURL to a Maven repository this machine reaches, or put an mvn on the PATH");
            System.exit(1);
            return;
        }
        if (status != 200) {
            System.err.println("mvnw: " + source + " answered " + status
                    + "; set MVNW_REPOURL to a Maven repository this machine reaches, or put an mvn on the PATH");
            System.exit(1);
        }
    }

    /// Strips the archive's single top folder and restores the executable bit of the launcher.
    private static void unzip(Path archive, Path folder) throws IOException {
        try (InputStream raw = Files.newInputStream(archive); ZipInputStream zip = new ZipInputStream(raw)) {
            for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
                String inside = entry.getName().substring(entry.getName().indexOf('/') + 1);
                Path path = folder.resolve(inside).normalize();
                if (!path.startsWith(folder)) {
                    throw new IOException("entry outside the archive: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else {
                    Files.createDirectories(path.getParent());
                    Files.copy(zip, path);
                }
            }
        }
        folder.resolve("bin/mvn").toFile().setExecutable(true);
    }
}
