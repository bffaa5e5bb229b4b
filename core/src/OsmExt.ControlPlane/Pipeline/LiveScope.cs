using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>A scope that proxies are attached to, and the configuration it has. Used by the pipeline's loop only.</summary>
internal sealed class LiveScope(ProxyScope scope, ScopeView view)
{
    public ProxyScope Scope => scope;

    /// <summary>What the current configuration was made from.</summary>
    public ScopeView View { get; set; } = view;

    /// <summary>What translating found.</summary>
    public EquatableArray<Diagnostic> Diagnostics { get; set; }

    /// <summary>Whether the last attempt to make its configuration failed, so that it has an older one than it should.</summary>
    public bool Stale { get; set; }

    /// <summary>How many streams are attached.</summary>
    public int Streams { get; set; }

    /// <summary>When the last stream left, or the scope was made; it is kept a while for proxies that come back.</summary>
    public long IdleSince { get; set; }
}
