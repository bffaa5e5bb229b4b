using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>How far what was made of an object has come at the proxies that are connected.</summary>
internal sealed record ObjectProgress
{
    public static ObjectProgress None { get; } = new();

    /// <summary>The proxies that are to have it.</summary>
    public ProxyShare Proxies { get; init; } = new(0, 0);

    /// <summary>Those of them that are not configured anew at present, since a plugin failed.</summary>
    public int Held { get; init; }

    /// <summary>What proxies refuse of it now.</summary>
    public EquatableArray<Refusal> Refused { get; init; }

    /// <summary>By target, where it has several.</summary>
    public EquatableArray<TargetStatus> Targets { get; init; }
}
