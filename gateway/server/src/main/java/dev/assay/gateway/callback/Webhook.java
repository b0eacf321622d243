package dev.assay.gateway.callback;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.assay.callback.v1.DeliverRequest;
import dev.assay.contract.Json;
import dev.assay.job.v1.JobEvent;
import dev.assay.worker.JobEvents;
import dev.assay.worker.ProductVersion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// What is posted: the event of the end as a structured CloudEvent, the same at every try.
///
/// @param id tells a receiver that it has had this one before
record Webhook(String id, byte[] body) {

    static final String MEDIA_TYPE = "application/cloudevents+json";

    /// A receiver should not have to take more; a larger result is left out.
    static final int LARGEST_BODY = 256 << 10;

    static Webhook of(String deliveryId, DeliverRequest request) {
        byte[] whole = json(request, request.getEvent(), request.getResultLeftOut());
        boolean isLarge = whole.length > LARGEST_BODY && request.getEvent().hasSucceeded();
        return new Webhook(deliveryId, isLarge ? json(request, withoutResult(request.getEvent()), true) : whole);
    }

    /// @param now decides the timestamp, which a receiver compares with its own clock
    Map<String, String> headers(SigningKeys keys, Instant now) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", MEDIA_TYPE);
        headers.put("User-Agent", "assay/" + ProductVersion.text());
        headers.put("webhook-id", id);
        headers.put("webhook-timestamp", Long.toString(now.getEpochSecond()));
        headers.put("webhook-signature", keys.signature(id, now.getEpochSecond(), body));
        return headers;
    }

    private static byte[] json(DeliverRequest request, JobEvent event, boolean isResultLeftOut) {
        JsonObject json = new JsonObject();
        json.addProperty("specversion", "1.0");
        json.addProperty("id", JobEvents.id(event));
        json.addProperty("source", request.getSource());
        json.addProperty("type", JobEvents.type(event));
        json.addProperty("subject", event.getJobId());
        json.addProperty(
                "time",
                Instant.ofEpochSecond(
                                event.getTime().getSeconds(), event.getTime().getNanos())
                        .toString());
        json.addProperty("datacontenttype", "application/json");
        if (isResultLeftOut) {
            json.addProperty("assayresult", "left-out");
        }
        json.add("data", JsonParser.parseString(Json.printCompact(event)));
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static JobEvent withoutResult(JobEvent event) {
        return event.toBuilder()
                .setSucceeded(event.getSucceeded().toBuilder().clearResult())
                .build();
    }
}
