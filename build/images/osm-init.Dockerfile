# syntax=docker/dockerfile:1.7
# What the init container of a pod needs to lead its traffic through the sidecar: a shell, sed, iptables-restore and ip6tables-restore. It has no program of ours: the
# script and the rules come with the pod. It runs as root with NET_ADMIN and NET_RAW, in the pod's own network and only until the pod starts.
FROM alpine:3.22
RUN apk add --no-cache iptables
