using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Resources;

/// <summary>OSM Retry: which failed requests of a client are tried again. In force only with <see cref="MeshConfig.RetryPolicy"/>.</summary>
public sealed record Retry(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => nameof(Retry);

    /// <summary>Whose requests.</summary>
    public required IdentityReference Source { get; init; }

    /// <summary>The services they go to, as clients name them.</summary>
    public EquatableArray<ServiceReference> Destinations { get; init; }

    /// <summary>When and how often.</summary>
    public required RetrySettings Settings { get; init; }
}

/// <summary>A reference to a service, as written.</summary>
/// <param name="Kind">The mesh knows <c>Service</c> only.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
public sealed record ServiceReference(string Kind, string Namespace, string Name);

/// <summary>When and how often a request is tried again. A null value leaves it to Envoy.</summary>
/// <param name="RetryOn">Envoy's conditions, separated by commas, for example <c>5xx,connect-failure</c>.</param>
public sealed record RetrySettings(string RetryOn)
{
    /// <summary>How many times after the first try. Envoy's default is 1.</summary>
    public int? NumRetries { get; init; }

    /// <summary>How long one try may take; null for as long as the whole request may.</summary>
    public TimeSpan? PerTryTimeout { get; init; }

    /// <summary>Base of the randomized exponential wait between tries. Envoy's default is 25 ms, and the longest wait ten times the base.</summary>
    public TimeSpan? BackoffBase { get; init; }
}
