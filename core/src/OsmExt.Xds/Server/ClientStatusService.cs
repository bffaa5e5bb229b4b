using System.Runtime.CompilerServices;
using Envoy.Service.Status.V3;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;

namespace OsmExt.Xds.Server;

/// <summary>
/// The client status discovery service (CSDS): what each proxy has, for tools that know xDS and not us. It costs by what it tells,
/// so answers are made one after the other, are bounded, and are given to a connection at a rate.
/// </summary>
internal sealed class ClientStatusService(StreamRegistry streams, IStatusReaders readers, TimeProvider clock)
    : ClientStatusDiscoveryService.ClientStatusDiscoveryServiceBase, IDisposable
{
    private const int PerSecond = 5;
    private const int Burst = 20;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConditionalWeakTable<object, RequestBudget> _budgets = [];

    public override async Task<ClientStatusResponse> FetchClientStatus(ClientStatusRequest request, ServerCallContext context)
    {
        await AtItsRateAsync(context).ConfigureAwait(false);
        var reader = await readers.AuthorizeAsync(context.GetHttpContext(), context.CancellationToken).ConfigureAwait(false);
        return await AnswerAsync(request, reader, context.CancellationToken).ConfigureAwait(false);
    }

    /// <summary>An answer for each request; nothing is sent by itself.</summary>
    public override async Task StreamClientStatus(
        IAsyncStreamReader<ClientStatusRequest> requestStream, IServerStreamWriter<ClientStatusResponse> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false))
        {
            // Each time, because it may have been let in long ago.
            await responseStream.WriteAsync(await FetchClientStatus(requestStream.Current, context).ConfigureAwait(false), context.CancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<ClientStatusResponse> AnswerAsync(ClientStatusRequest request, StatusReader reader, CancellationToken cancellationToken)
    {
        var asked = ClientStatusAnswer.Asked(request);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return ClientStatusAnswer.Of(streams.Statuses(reader.MaySee).Where(asked.Matches), asked.WithContent);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    // Before it is looked at who asks, because that costs too.
    private async Task AtItsRateAsync(ServerCallContext context)
    {
        var connection = context.GetHttpContext().Features.Get<IConnectionItemsFeature>()?.Items;
        var budget = _budgets.GetValue(connection ?? (object)this, _ => new(PerSecond, Burst, clock));
        TimeSpan delay;
        lock (budget)
        {
            delay = budget.Take(bytes: 0);
        }

        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, clock, context.CancellationToken).ConfigureAwait(false);
        }
    }
}
