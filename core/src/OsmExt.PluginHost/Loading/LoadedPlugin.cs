using System.Runtime.CompilerServices;
using OsmExt.PluginHost.Certificates;
using OsmExt.PluginHost.Running;
using OsmExt.PluginHost.Services;
using OsmExt.PluginHost.Templates;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Loading;

/// <summary>A plugin in memory.</summary>
/// <param name="Manifest">What it says about itself.</param>
/// <param name="Digest">Of its files.</param>
/// <param name="Templates">By path.</param>
/// <param name="Code">Null for a plugin of templates only.</param>
/// <param name="Breaker">Keeps it from being called when it fails again and again.</param>
/// <param name="Services">What runs of it beside the mesh, once it is in force.</param>
internal sealed record LoadedPlugin(
    PluginManifest Manifest, string Digest, IReadOnlyDictionary<string, PluginTemplate> Templates, PluginAssembly? Code, Breaker Breaker, PluginServices Services) : IDisposable
{
    public string Id => Manifest.Id;

    /// <summary>Its files, as they were verified.</summary>
    public required PluginFiles Files { get; init; }

    /// <summary>Of its digest; null for none. The files stay the same when they are signed, or signed anew.</summary>
    public string? Signature { get; set; }

    /// <summary>What its last good call contributed, which tells whom a failure concerns.</summary>
    public IReadOnlyList<Contribution> LastGood { get; set; } = [];

    /// <summary>Whom the operator lets it have certificates issued for.</summary>
    public CertificateGrant MayIssue { get; set; } = CertificateGrant.None;

    /// <summary>What it asked certificates for the last time it could be told.</summary>
    public IReadOnlyList<CertificateRequest> LastRequests { get; set; } = [];

    /// <summary>What it has cost.</summary>
    public PluginUsage Usage { get; init; } = new();

    /// <summary>What was made of its contributions before.</summary>
    public RenderMemo Memo { get; } = new();

    /// <summary>Objects of other versions than it works with, converted.</summary>
    public ConditionalWeakTable<PluginResource, ConvertedResource> Converted { get; } = [];

    /// <summary>What is wrong with objects that do not count; nothing for those that do.</summary>
    public ConditionalWeakTable<PluginResource, IReadOnlyList<Diagnostic>> Reviewed { get; } = [];

    /// <summary>Stops what runs of it, and then unloads its code, which needs its files until it has ended.</summary>
    public void Dispose()
    {
        if (Services.IsRunning)
        {
            Services.StopAsync().ContinueWith(_ => Code?.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        else
        {
            Code?.Dispose();
        }
    }
}
