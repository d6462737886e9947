module sealane/interop

go 1.22

require (
	github.com/segmentio/kafka-go v0.4.47
	github.com/twmb/franz-go v1.17.1
	github.com/twmb/franz-go/pkg/kadm v1.13.0
)
