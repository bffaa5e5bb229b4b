using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Applying;

/// <summary>A control plane that reads a directory of its own, which is where they are already.</summary>
internal sealed class DirectoryDestination : IDestination
{
    public IReadOnlyList<ResourceKey> Gone => [];

    public string WhenNotRead => "this control plane reads files by itself (osm run --config DIR); they have to be in its directory";

    public Task<string> PutAsync(GivenManifests manifests, CancellationToken cancellation) => Task.FromResult($"{manifests.Source} is compared with what the control plane has read.");

    public Task<string> ContentAsync(GivenManifests manifests, CancellationToken cancellation) => Task.FromResult(manifests.Written);
}
