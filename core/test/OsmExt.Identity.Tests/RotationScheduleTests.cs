namespace OsmExt.Identity.Tests;

public sealed class RotationScheduleTests
{
    private static readonly DateTimeOffset Start = TestMesh.NewTime().GetUtcNow();

    public static TheoryData<TimeSpan> Validities =>
    [
        TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(601), TimeSpan.FromSeconds(7201), TimeSpan.FromHours(24),
        TimeSpan.FromDays(90), TimeSpan.FromDays(365), TimeSpan.FromDays(3650),
    ];

    [Theory]
    [MemberData(nameof(Validities))]
    public void At_every_instant_of_two_years_the_epochs_certificate_has_more_than_a_third_of_its_time_left(TimeSpan validity)
    {
        foreach (var subject in new[] { "spiffe://cluster.local/a/b", "spiffe://cluster.local/c/d", "spiffe://cluster.local/e/f" })
        {
            var schedule = RotationSchedule.For(subject, validity);
            var epoch = schedule.At(Start);
            while (epoch.Start < Start.AddDays(730))
            {
                var last = epoch.End - TimeSpan.FromTicks(1);
                Assert.Equal(epoch, schedule.At(epoch.Start));
                Assert.Equal(epoch, schedule.At(last));
                Assert.Equal(epoch.Start - ValidityWindow.SkewAllowance, epoch.Window.NotBefore);
                Assert.Equal(validity + ValidityWindow.SkewAllowance, epoch.Window.NotAfter - epoch.Window.NotBefore);
                Assert.True(epoch.Window.NotAfter - last > validity / 3);

                var next = schedule.At(epoch.End);
                Assert.Equal((epoch.Index + 1, epoch.End), (next.Index, next.Start));
                Assert.True(epoch.Window.NotAfter - next.Start >= validity / 3);
                epoch = next;
            }
        }
    }

    [Fact]
    public void A_mesh_does_not_rotate_at_once()
    {
        const int Workloads = 2000;
        const int Slots = 20;
        var epochs = Enumerable.Range(0, Workloads)
            .Select(index => RotationSchedule.For(TestMesh.Workload($"workload-{index}").SpiffeId, TestMesh.Day).At(Start))
            .ToList();
        var slot = TimeSpan.FromHours(16) / Slots;
        var perSlot = epochs.CountBy(epoch => (int)((epoch.End - Start) / slot)).ToDictionary();

        Assert.Equal(Slots, perSlot.Count);
        Assert.All(perSlot.Values, count => Assert.InRange(count, Workloads / Slots / 2, Workloads / Slots * 3 / 2));
    }

    [Fact]
    public void A_lower_limit_may_be_given()
    {
        var schedule = RotationSchedule.For("a", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));
        Assert.Equal(TimeSpan.FromSeconds(15), schedule.Validity);
        Assert.Equal(TimeSpan.FromSeconds(10), schedule.At(Start).End - schedule.At(Start).Start);
    }

    [Fact]
    public void A_validity_outside_the_limits_counts_as_the_nearest_within()
    {
        Assert.Equal(RotationSchedule.For("a", TimeSpan.FromMinutes(10)), RotationSchedule.For("a", TimeSpan.FromSeconds(1)));
        Assert.Equal(RotationSchedule.For("a", TimeSpan.FromMinutes(10)), RotationSchedule.For("a", TimeSpan.MinValue));
        Assert.Equal(RotationSchedule.For("a", TimeSpan.FromDays(3650)), RotationSchedule.For("a", TimeSpan.MaxValue));
        Assert.Equal(RotationSchedule.For("a", TimeSpan.FromMinutes(11)), RotationSchedule.For("a", TimeSpan.FromMinutes(11.001)));
        Assert.True(RotationSchedule.For("a", TimeSpan.MaxValue).At(Start).Window.Contains(Start));
    }

    [Fact]
    public void Epochs_before_1970_are_cut_like_those_after()
    {
        var schedule = RotationSchedule.For("a", TestMesh.Day);
        for (var instant = DateTimeOffset.UnixEpoch.AddDays(-3); instant < DateTimeOffset.UnixEpoch.AddDays(3); instant += TimeSpan.FromMinutes(61))
        {
            var epoch = schedule.At(instant);
            Assert.True(epoch.Start <= instant && instant < epoch.End);
        }
    }
}
