package dev.assay.gateway.http;

import dev.assay.computation.ProblemException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// A request's body that refuses to be longer than agreed. Closing it does not close the request.
public final class LimitedBody extends FilterInputStream {

    private final String subject;
    private final String setting;
    private final long limit;
    private long read;

    private LimitedBody(InputStream body, String subject, String setting, long limit) {
        super(body);
        this.subject = subject;
        this.setting = setting;
        this.limit = limit;
    }

    /// @param subject path of the request, for the message
    /// @param setting name of the configuration value that says the limit
    /// @param limit bytes
    /// @param announced the request's Content-Length; negative when it has none
    /// @throws ProblemException `too-large`, at once when the announced length is over the limit, else on reading
    public static LimitedBody of(InputStream body, String subject, String setting, long limit, long announced) {
        LimitedBody limited = new LimitedBody(body, subject, setting, limit);
        if (announced > limit) {
            throw limited.tooLarge(announced + " bytes");
        }
        return limited;
    }

    /// The whole body; for bodies whose limit is small.
    public byte[] bytes() throws IOException {
        return readAllBytes();
    }

    /// The whole body as text.
    ///
    /// @throws ProblemException `malformed-json` when it is not UTF-8
    public String text() throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes()))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new ProblemException("malformed-json", "", "the body is not UTF-8", "send JSON in UTF-8", notUtf8);
        }
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value >= 0) {
            count(1);
        }
        return value;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        int count = super.read(buffer, from, length);
        if (count > 0) {
            count(count);
        }
        return count;
    }

    private void count(int bytes) {
        read += bytes;
        if (read > limit) {
            throw tooLarge("more than " + limit + " bytes");
        }
    }

    private ProblemException tooLarge(String size) {
        return new ProblemException(
                "too-large",
                subject,
                "the body has " + size + "; the limit is " + limit,
                "send less, or let the operator raise " + setting);
    }
}
