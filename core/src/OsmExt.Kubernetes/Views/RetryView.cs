using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>OSM Retry objects.</summary>
internal static class RetryView
{
    // Envoy ignores a word it does not know, so a misspelled condition would never retry and nobody would be told.
    private static readonly string[] Conditions =
    [
        "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "envoy-ratelimited", "retriable-4xx", "refused-stream",
        "retriable-status-codes", "retriable-headers", "http3-post-connect-failure",
        "cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
    ];

    private static readonly TimeSpan ShortestBackoff = TimeSpan.FromMilliseconds(1);

    public static FieldSet Reads { get; } = FieldSet.Of("spec");

    public static Resource From(RetryModel model, ResourceMetadata metadata, FieldReport report)
    {
        var spec = model.Spec ?? new();
        if (spec.Source is null)
        {
            report.Missing("spec.source", "Name the service account whose requests are tried again");
        }

        if (spec.Destinations is not { Count: > 0 })
        {
            report.Missing("spec.destinations", "List the services the requests go to");
        }

        return new Retry(metadata)
        {
            Source = Reference(spec.Source ?? new(), "spec.source", "ServiceAccount", report),
            Destinations = (spec.Destinations ?? []).Select((model, i) => Reference(model, $"spec.destinations[{i}]", "Service", report))
                .Select(reference => new ServiceReference(reference.Kind, reference.Namespace, reference.Name)).ToEquatableArray(),
            Settings = Settings(spec.RetryPolicy ?? new(), report),
        };
    }

    private static IdentityReference Reference(IdentityModel model, string path, string kind, FieldReport report)
    {
        report.Has($"{path}.kind", model.Kind, $"Set it to {kind}");
        report.Has($"{path}.name", model.Name, $"Name the {kind}");
        report.Has($"{path}.namespace", model.Namespace, $"Name the namespace of the {kind}");
        return new(report.OneOf($"{path}.kind", model.Kind, "", kind), model.Namespace ?? "", model.Name ?? "");
    }

    private static RetrySettings Settings(RetryPolicyModel model, FieldReport report)
    {
        const string Path = "spec.retryPolicy";
        var conditions = (model.RetryOn ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (conditions.Length == 0)
        {
            report.Missing($"{Path}.retryOn", "Say when to try again, for example 5xx");
        }

        foreach (var condition in conditions)
        {
            report.OneOf($"{Path}.retryOn", condition, "", Conditions);
        }

        var backoff = report.Duration($"{Path}.retryBackoffBaseInterval", model.RetryBackoffBaseInterval);
        if (backoff < ShortestBackoff)
        {
            report.Invalid($"{Path}.retryBackoffBaseInterval", "The wait is shorter than a millisecond", "Use at least 1ms");
        }

        return new(string.Join(',', conditions.Distinct(StringComparer.Ordinal)))
        {
            NumRetries = report.InRange($"{Path}.numRetries", model.NumRetries, 0, int.MaxValue),
            PerTryTimeout = report.Duration($"{Path}.perTryTimeout", model.PerTryTimeout, zeroAllowed: true),
            BackoffBase = backoff,
        };
    }
}
