using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Contributions;

/// <summary>What plugins contribute to one mesh; immutable, and the same scope always gets the same.</summary>
internal interface IMeshContributions
{
    /// <summary>What plugins found wrong, and what is wrong with them, sorted.</summary>
    EquatableArray<Diagnostic> Diagnostics { get; }

    ScopeContributions For(ProxyScope scope);
}

/// <summary>A mesh without plugins.</summary>
internal sealed class NoContributions : IMeshContributions
{
    private NoContributions()
    {
    }

    public static NoContributions Instance { get; } = new();

    public EquatableArray<Diagnostic> Diagnostics => [];

    public ScopeContributions For(ProxyScope scope) => ScopeContributions.None;
}
