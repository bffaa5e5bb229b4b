using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Applying;

/// <summary>Where manifests go to be read by a control plane.</summary>
internal interface IDestination
{
    /// <summary>Objects that are gone with this.</summary>
    IReadOnlyList<ResourceKey> Gone { get; }

    /// <summary>Puts them there.</summary>
    /// <returns>What was done, as a sentence.</returns>
    /// <exception cref="CommandException">They are refused, or it cannot be done.</exception>
    Task<string> PutAsync(GivenManifests manifests, CancellationToken cancellation);

    /// <summary>What a control plane reads there once it has read them, as manifests.</summary>
    Task<string> ContentAsync(GivenManifests manifests, CancellationToken cancellation);

    /// <summary>What to do when the control plane does not read some of them.</summary>
    string WhenNotRead { get; }
}
