using OsmExt.Fleet.Options;
using OsmExt.Fleet.Plane;
using OsmExt.Fleet.Proxies;
using OsmExt.Fleet.Reports;
using OsmExt.Fleet.Running;

namespace OsmExt.Fleet.Floor;

/// <summary>Has a server that does nothing else push what a kind of step pushed, to as many proxies.</summary>
internal static class FloorMeasurement
{
    private const int WarmUps = 10;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    public static async Task<Reports.Floor> OfAsync(FleetOptions options, KindFigures kind, ProxyProcesses proxies)
    {
        var (streams, size) = ((int)Math.Round(kind.Proxies), (int)kind.BytesPerPush);
        await using var server = ChildProcess.Start(["floor", .. options.Words], Path.Combine(options.State, "floor.log"), isMeasured: true);
        var port = (await server.AskAsync<Started>(new("start") { Count = size }).ConfigureAwait(false)).Port;
        await proxies.ConnectAsync(Enumerable.Range(0, streams).Select(index => new PodName("floor", $"proxy-{index}", "proxy")), port).ConfigureAwait(false);
        while (await server.AskAsync<int>(new("streams")).ConfigureAwait(false) < streams)
        {
            await Task.Delay(Glance, TimeProvider.System).ConfigureAwait(false);
        }

        var (each, all, cpu) = (new List<double>(), new List<double>(), 0.0);
        for (var push = 0; push < WarmUps + options.Floor; push++)
        {
            var before = await server.AskAsync<double>(new("cost")).ConfigureAwait(false);
            var start = await server.AskAsync<Moment>(new("push")).ConfigureAwait(false);
            if (push >= WarmUps)
            {
                cpu += await server.AskAsync<double>(new("cost")).ConfigureAwait(false) - before;
                var seconds = await proxies.AnswersAsync(start.At).ConfigureAwait(false);
                each.AddRange(seconds.Select(second => second * 1000));
                all.Add(seconds[^1] * 1000);
            }
        }

        var perPush = cpu * 1e6 / (streams * options.Floor);
        return new(kind.Kind, streams, size, Distribution.Of(each), Distribution.Of(all), perPush, kind.CpuPerPush / perPush);
    }
}
