using Microsoft.Extensions.Time.Testing;
using OsmExt.Xds.Server;

namespace OsmExt.Xds.Tests.Server;

public sealed class PushGateTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task No_more_writes_run_at_once_than_there_are_slots()
    {
        using var gate = new PushGate(2, 0, Slow, _clock);
        var running = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => gate.RunAsync(
            async () =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
            },
            CancellationToken.None))).WaitAsync(Patience);
        Assert.InRange(most, 1, 2);
        Assert.Equal(2, gate.FreeSlots);
    }

    [Fact]
    public async Task A_slow_write_makes_room_for_others_and_says_how_long_they_waited()
    {
        using var gate = new PushGate(1, 1, Slow, _clock);
        var stuck = new TaskCompletionSource();
        var first = gate.RunAsync(() => stuck.Task, CancellationToken.None);
        var second = gate.RunAsync(() => Task.CompletedTask, CancellationToken.None);
        Assert.False(second.IsCompleted);
        _clock.Advance(Slow);
        Assert.Equal(Slow, await second.WaitAsync(Patience));

        // The waiting room has one place: the next slow write keeps its slot.
        var third = gate.RunAsync(() => stuck.Task, CancellationToken.None);
        _clock.Advance(Slow);
        var fourth = gate.RunAsync(() => Task.CompletedTask, CancellationToken.None);
        Assert.False(fourth.IsCompleted);
        stuck.SetResult();
        await Task.WhenAll(first, third, fourth).WaitAsync(Patience);
        Assert.Equal(1, gate.FreeSlots);
    }

    [Fact]
    public async Task A_failed_write_gives_its_slot_back()
    {
        using var gate = new PushGate(1, 1, Slow, _clock);
        await Assert.ThrowsAsync<IOException>(() => gate.RunAsync(() => throw new IOException("gone"), CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(() => gate.RunAsync(() => Task.FromException(new IOException("gone")), CancellationToken.None));
        Assert.Equal(1, gate.FreeSlots);
    }

    [Fact]
    public void A_client_that_asks_too_often_is_slowed_down_to_its_rate()
    {
        var budget = new RequestBudget(perSecond: 10, burst: 3, _clock);
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(TimeSpan.Zero, budget.Take()));
        Assert.Equal(TimeSpan.FromMilliseconds(100), budget.Take());
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(TimeSpan.FromMilliseconds(100), budget.Take());
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(TimeSpan.Zero, budget.Take()));
        Assert.NotEqual(TimeSpan.Zero, budget.Take());
    }
}
