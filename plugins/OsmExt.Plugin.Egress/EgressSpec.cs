namespace OsmExt.Plugin.Egress;

/// <summary>The <c>spec</c> of an Egress.</summary>
internal sealed record EgressSpec(EgressSource[] Sources, EgressPort[] Ports)
{
    /// <summary>Host names.</summary>
    public string[] Hosts { get; init; } = [];

    /// <summary>Ranges of addresses; null means any address.</summary>
    public string[]? IpAddresses { get; init; }

    /// <summary>Other objects that say more.</summary>
    public EgressMatch[] Matches { get; init; } = [];
}

/// <summary>Who may call out.</summary>
internal sealed record EgressSource(string Kind, string Name, string Namespace);

/// <summary>A port, and what is spoken there.</summary>
internal sealed record EgressPort(int Number, string Protocol);

/// <summary>Names another object of the same namespace.</summary>
internal sealed record EgressMatch(string ApiGroup, string Kind, string Name)
{
    /// <summary>Whether it says which requests are let out.</summary>
    public bool IsRoutes => ApiGroup == "specs.smi-spec.io/v1alpha4" && Kind == "HTTPRouteGroup";

    /// <summary>Whether it says how connections are made.</summary>
    public bool IsSetting => ApiGroup == "policy.openservicemesh.io/v1alpha1" && Kind == "UpstreamTrafficSetting";
}
