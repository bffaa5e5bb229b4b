using Microsoft.Extensions.Time.Testing;
using OsmExt.Xds.Server.Connections;

namespace OsmExt.Xds.Tests.Server.Connections;

public sealed class FairGateTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _gone = new();

    public void Dispose() => _gone.Dispose();

    [Fact]
    public void Keys_take_turns()
    {
        using var gate = new FairGate<string>(1, 1_000, _clock);
        var inside = gate.EnterAsync("crowd", CancellationToken.None);
        var crowd = Enumerable.Range(0, 100).Select(_ => gate.EnterAsync("crowd", CancellationToken.None)).ToArray();
        var other = gate.EnterAsync("other", CancellationToken.None);
        Assert.True(inside.IsCompleted);
        gate.Leave();
        Assert.True(IsIn(crowd[0]));
        gate.Leave();
        Assert.True(IsIn(other));
        Assert.Equal(1, crowd.Count(one => one.IsCompleted));
    }

    [Fact]
    public void No_more_get_in_a_second_than_may()
    {
        using var gate = new FairGate<string>(1_000, 10, _clock);
        var all = Enumerable.Range(0, 100).Select(_ => gate.EnterAsync("a", CancellationToken.None)).ToArray();
        Assert.True(IsIn(all[9]));
        Assert.False(all[10].IsCompleted);
        for (var tenth = 0; tenth < 10; tenth++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.True(IsIn(all[19]));
        Assert.False(all[21].IsCompleted);
    }

    [Fact]
    public async Task Who_gives_up_takes_no_turn()
    {
        using var gate = new FairGate<string>(1, 1_000, _clock);
        await gate.EnterAsync("a", CancellationToken.None);
        var impatient = gate.EnterAsync("a", _gone.Token);
        var patient = gate.EnterAsync("a", CancellationToken.None);
        await _gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.Leave();
        Assert.True(IsIn(patient));
    }

    private static bool IsIn(Task entering) => SpinWait.SpinUntil(() => entering.IsCompleted, TimeSpan.FromSeconds(10));
}
