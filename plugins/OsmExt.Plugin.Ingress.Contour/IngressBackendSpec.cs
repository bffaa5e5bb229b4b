namespace OsmExt.Plugin.Ingress.Contour;

/// <summary>The <c>spec</c> of an IngressBackend.</summary>
internal sealed record IngressBackendSpec(IngressBackend[] Backends, IngressSource[] Sources)
{
    /// <summary>Objects that say which requests.</summary>
    public IngressMatch[] Matches { get; init; } = [];
}

/// <summary>A service that gateways may call.</summary>
internal sealed record IngressBackend(string Name, BackendPort Port)
{
    /// <summary>How TLS is spoken.</summary>
    public BackendTls Tls { get; init; } = new(false);
}

/// <summary>The port its pods listen on.</summary>
internal sealed record BackendPort(int Number, string Protocol);

/// <summary>How TLS is spoken.</summary>
internal sealed record BackendTls(bool SkipClientCertValidation)
{
    /// <summary>Server names.</summary>
    public string[] SniHosts { get; init; } = [];
}

/// <summary>Who may call.</summary>
internal sealed record IngressSource(string Kind, string Name)
{
    /// <summary>The namespace of a Service.</summary>
    public string Namespace { get; init; } = "";
}

/// <summary>Names another object of the same namespace.</summary>
internal sealed record IngressMatch(string ApiGroup, string Kind, string Name);

/// <summary>The part of an HTTPProxy's <c>spec</c> that says how Contour calls a service.</summary>
internal sealed record HttpProxySpec
{
    /// <summary>Its routes.</summary>
    public HttpProxyRoute[] Routes { get; init; } = [];
}

/// <summary>A route.</summary>
internal sealed record HttpProxyRoute
{
    /// <summary>Where it leads.</summary>
    public HttpProxyService[] Services { get; init; } = [];

    /// <summary>What happens to requests' headers.</summary>
    public HttpProxyHeaders RequestHeadersPolicy { get; init; } = new();

    /// <summary>The host that requests are given; null when they keep theirs.</summary>
    internal string? Host => Array.Find(RequestHeadersPolicy.Set, header => string.Equals(header.Name, "Host", StringComparison.OrdinalIgnoreCase))?.Value;
}

/// <summary>What happens to headers.</summary>
internal sealed record HttpProxyHeaders
{
    /// <summary>Headers that are set.</summary>
    public HttpProxyHeader[] Set { get; init; } = [];
}

/// <summary>A header.</summary>
internal sealed record HttpProxyHeader(string Name, string Value);

/// <summary>A service that Contour calls.</summary>
internal sealed record HttpProxyService(string Name, int Port)
{
    /// <summary><c>tls</c>, <c>h2</c> or <c>h2c</c>; empty for HTTP/1.1.</summary>
    public string Protocol { get; init; } = "";

    /// <summary>How Contour checks whom it called.</summary>
    public HttpProxyValidation? Validation { get; init; }
}

/// <summary>How Contour checks whom it called.</summary>
internal sealed record HttpProxyValidation
{
    /// <summary>The name it wants to see in the certificate.</summary>
    public string SubjectName { get; init; } = "";

    /// <summary>Any of these will do as well.</summary>
    public string[] SubjectNames { get; init; } = [];
}
