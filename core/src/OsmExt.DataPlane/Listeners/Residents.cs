using System.Collections.Concurrent;
using System.Collections.Immutable;
using Envoy.Config.Listener.V3;

namespace OsmExt.DataPlane.Listeners;

/// <summary>All connections that are open, so that those can be drained whose filter chain is gone or has changed.</summary>
internal sealed class Residents(TrafficOptions options)
{
    private readonly ConcurrentDictionary<Residence, byte> _all = [];
    private readonly ConcurrentDictionary<ITimer, byte> _drains = [];

    public int Count => _all.Count;

    public void Enter(Residence residence) => _all.TryAdd(residence, 0);

    public void Leave(Residence residence) => _all.TryRemove(residence, out _);

    /// <summary>Drains what these listeners would not treat as it was treated.</summary>
    public void Review(ImmutableArray<Listener> now)
    {
        var byName = now.ToDictionary(listener => listener.Name, StringComparer.Ordinal);
        Drain([.. _all.Keys.Where(residence => !residence.Closing.IsCancellationRequested && !IsStillThere(residence, byName))]);
    }

    /// <summary>Ends everything at once.</summary>
    public void EndAll()
    {
        foreach (var residence in _all.Keys)
        {
            residence.Close();
            residence.End();
        }

        foreach (var timer in _drains.Keys)
        {
            timer.Dispose();
        }
    }

    private static bool IsStillThere(Residence residence, Dictionary<string, Listener> now)
        => now.TryGetValue(residence.Listener.Name, out var listener)
            && (ReferenceEquals(listener, residence.Listener) || listener.FilterChains.Append(listener.DefaultFilterChain)
                .Any(chain => chain is not null && (ReferenceEquals(chain, residence.Chain) || chain.Equals(residence.Chain))));

    private void Drain(ImmutableArray<Residence> leaving)
    {
        if (leaving.IsEmpty)
        {
            return;
        }

        foreach (var residence in leaving)
        {
            residence.Close();
            if (options.EndsIdle && residence.IsIdle)
            {
                residence.End();
            }
        }

        ITimer? timer = null;
        timer = options.Time.CreateTimer(
            _ =>
            {
                foreach (var residence in leaving)
                {
                    residence.End();
                }

                if (timer is not null)
                {
                    _drains.TryRemove(timer, out var _);
                    timer.Dispose();
                }
            },
            null, options.DrainTime, Timeout.InfiniteTimeSpan);
        _drains.TryAdd(timer, 0);
    }
}
