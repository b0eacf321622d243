package dev.assay.worker;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Where a record stands in a topic: tells a second record about a job from the same record handed out again.
record RecordPosition(int partition, long offset) {

    static RecordPosition of(ConsumerRecord<?, ?> record) {
        return new RecordPosition(record.partition(), record.offset());
    }

    /// `partition@offset`, as snapshots have it.
    @Override
    public String toString() {
        return partition + "@" + offset;
    }
}
