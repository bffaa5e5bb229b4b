using System.Text;

namespace OsmExt.Fleet.Reports;

/// <summary>A run as tables for people, in Markdown.</summary>
internal static class TableReport
{
    public static string Of(RunReport report)
    {
        var text = new StringBuilder();
        Line(text, $"## {report.Workload}: {report.Title}\n");
        Line(text, $"`{report.Command}` on {report.Date}; {report.Machine}\n");
        Stages(text, report);
        Kinds(text, report);
        Whole(text, report);
        foreach (var fault in report.Faults)
        {
            Line(text, $"\nFAULT: {fault}");
        }

        return text.ToString().TrimEnd();
    }

    private static void Stages(StringBuilder text, RunReport report)
    {
        Line(text, $"| proxies | all of those that came have everything | p50 | control plane's CPU | resident | sent |\n| --- | --- | --- | --- | --- | --- |");
        foreach (var stage in report.Stages)
        {
            Line(text, $"| {stage.Proxies:n0} | {stage.Complete.Max / 1000:f2} s | {stage.Complete.P50 / 1000:f2} s | {stage.CpuSeconds:f2} s | {stage.Megabytes:f0} MB | {stage.Bytes / 1e6:f1} MB |");
        }
    }

    private static void Kinds(StringBuilder text, RunReport report)
    {
        Line(text, $"\n| step | steps | proxies | each p50 | p99 | all p50 | p99 | max | pushes | bytes per push | CPU per step | median | per push | allocated |");
        Line(text, $"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var kind in report.Kinds)
        {
            Line(text, $"| {kind.Kind} | {kind.Steps} | {kind.Proxies:n0} | {kind.Each.P50:f0} ms | {kind.Each.P99:f0} ms | {kind.All.P50:f0} ms | {kind.All.P99:f0} ms | {kind.All.Max:f0} ms "
                + $"| {kind.Pushes:n0} | {kind.BytesPerPush:n0} | {kind.Cpu:f1} ms | {kind.CpuMedian:f1} ms | {kind.CpuPerPush:f0} µs | {kind.AllocatedKilobytes:n0} kB |");
        }

        if (report.Floor is { } floor)
        {
            Line(text, $"| *floor: {floor.Kind}* | | {floor.Streams:n0} | {floor.Each.P50:f0} ms | {floor.Each.P99:f0} ms | {floor.All.P50:f0} ms | {floor.All.P99:f0} ms | {floor.All.Max:f0} ms "
                + $"| {floor.Streams:n0} | {floor.Bytes:n0} | {floor.CpuPerPush * floor.Streams / 1000:f1} ms | | {floor.CpuPerPush:f0} µs | |");
            Line(text, $"\nThe control plane's processor time for \"{floor.Kind}\" is {floor.Ratio:f2} times the floor's.");
        }
    }

    private static void Whole(StringBuilder text, RunReport report)
    {
        if (report.Alongside > 0)
        {
            Line(text, $"\nBeside these steps {report.Alongside:n0} other things happened in the mesh; pushes, bytes, processor time and allocation are of both.");
        }

        if (report.Idle is { } idle)
        {
            Line(text, $"\nIdle for {idle.Seconds:f0} s: {idle.Pushes} pushes, {idle.Renewals} of renewed certificates, {idle.Cores:f4} cores, {idle.AllocatedPerSecond:f2} MB/s allocated.");
        }

        if (report.Steady is { } steady)
        {
            Line(text, $"While steps came, {steady.Seconds:f0} s: {steady.Cores:f3} cores (proxies {steady.ClientCores:f3}), {steady.AllocatedPerSecond:f1} MB/s allocated. "
                + $"Resident at most {steady.PeakMegabytes:f0} MB, in the end {steady.EndMegabytes:f0} MB, managed heap {steady.HeapMegabytes:f0} MB. "
                + $"Collector's pauses: {steady.Pauses.Count}, p50 {steady.Pauses.P50:f1} ms, p99 {steady.Pauses.P99:f1} ms, max {steady.Pauses.Max:f1} ms.");
            if (steady.GrowthMegabytes is { } growth)
            {
                Line(text, $"Resident memory in the last third of the process's life against the third before: {growth:+0.0;-0.0} MB.");
            }
        }

        Line(text, $"Compared in the end: {report.Comparison.Equal} of {report.Comparison.Proxies} proxies hold what was published and what a fresh translation gives.");
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
