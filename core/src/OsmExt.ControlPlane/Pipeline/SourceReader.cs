using Microsoft.Extensions.Hosting;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>Carries what the source reads into the store.</summary>
internal sealed class SourceReader(IResourceSource source, ResourceStore store) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the host's starting thread: a large directory takes a while to read.
        await Task.Yield();
        try
        {
            await foreach (var batch in source.WatchAsync(stoppingToken).ConfigureAwait(false))
            {
                store.Apply(batch);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host takes it for a failure when it ends before it has started.
        }
    }
}
