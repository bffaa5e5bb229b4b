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
            isAnswer: false, CancellationToken.None))).WaitAsync(Patience);
        Assert.InRange(most, 1, 2);
        Assert.Equal(2, gate.FreeSlots);
    }

    [Fact]
    public async Task A_slow_write_makes_room_for_others_and_says_how_long_they_waited()
    {
        using var gate = new PushGate(1, 1, Slow, _clock);
        var stuck = new TaskCompletionSource();
        var first = gate.RunAsync(() => stuck.Task, isAnswer: false, CancellationToken.None);
        var second = gate.RunAsync(() => Task.CompletedTask, isAnswer: false, CancellationToken.None);
        Assert.False(second.IsCompleted);
        _clock.Advance(Slow);
        Assert.Equal(Slow, await second.WaitAsync(Patience));

        // The waiting room has one place: the next slow write keeps its slot.
        var third = gate.RunAsync(() => stuck.Task, isAnswer: false, CancellationToken.None);
        _clock.Advance(Slow);
        var fourth = gate.RunAsync(() => Task.CompletedTask, isAnswer: false, CancellationToken.None);
        Assert.False(fourth.IsCompleted);
        stuck.SetResult();
        await Task.WhenAll(first, third, fourth).WaitAsync(Patience);
        Assert.Equal(1, gate.FreeSlots);
    }

    [Fact]
    public async Task Answers_leave_slots_to_updates_and_slow_ones_leave_theirs_to_other_answers()
    {
        using var gate = new PushGate(4, 1, Slow, _clock);
        var stuck = new TaskCompletionSource();
        var answers = Enumerable.Range(0, 4).Select(_ => gate.RunAsync(() => stuck.Task, isAnswer: true, CancellationToken.None)).ToArray();
        Assert.Equal(1, gate.FreeSlots);
        await gate.RunAsync(() => Task.CompletedTask, isAnswer: false, CancellationToken.None).WaitAsync(Patience);

        // One is moved aside, and the fourth takes its slot.
        _clock.Advance(Slow);
        Assert.True(SpinWait.SpinUntil(() => gate.FreeSlots == 1, Patience));
        stuck.SetResult();
        await Task.WhenAll(answers).WaitAsync(Patience);
        Assert.Equal(4, gate.FreeSlots);
    }

    [Fact]
    public async Task An_answer_that_is_given_up_while_it_waits_gives_its_slot_back()
    {
        using var gate = new PushGate(1, 0, Slow, _clock);
        var stuck = new TaskCompletionSource();
        var update = gate.RunAsync(() => stuck.Task, isAnswer: false, CancellationToken.None);
        using var gone = new CancellationTokenSource();
        var answer = gate.RunAsync(() => Task.CompletedTask, isAnswer: true, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        stuck.SetResult();
        await update.WaitAsync(Patience);
        await gate.RunAsync(() => Task.CompletedTask, isAnswer: true, CancellationToken.None).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_failed_write_gives_its_slot_back()
    {
        using var gate = new PushGate(1, 1, Slow, _clock);
        await Assert.ThrowsAsync<IOException>(() => gate.RunAsync(() => throw new IOException("gone"), isAnswer: false, CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(() => gate.RunAsync(() => Task.FromException(new IOException("gone")), isAnswer: false, CancellationToken.None));
        Assert.Equal(1, gate.FreeSlots);
    }

    [Fact]
    public void A_client_that_asks_too_often_is_slowed_down_to_its_rate()
    {
        var budget = new RequestBudget(perSecond: 10, burst: 3, _clock);
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(TimeSpan.Zero, budget.Take(100)));
        Assert.Equal(TimeSpan.FromMilliseconds(100), budget.Take(100));
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(TimeSpan.FromMilliseconds(100), budget.Take(100));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(TimeSpan.Zero, budget.Take(100)));
        Assert.NotEqual(TimeSpan.Zero, budget.Take(100));
    }

    [Fact]
    public void A_large_request_counts_as_several()
    {
        var budget = new RequestBudget(perSecond: 10, burst: 30, _clock);
        Assert.Equal(TimeSpan.Zero, budget.Take(65_535));
        Assert.Equal(TimeSpan.Zero, budget.Take(1_000_000));
        Assert.Equal(TimeSpan.FromSeconds(0.3), budget.Take(1_000_000));
    }
}
